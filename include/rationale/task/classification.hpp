#ifndef RATIONALE_TASK_CLASSIFICATION_HPP
#define RATIONALE_TASK_CLASSIFICATION_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// Classification in context: items z ~ N(0, item_variance I_d) with a label in {0..L-1}; T context pairs drawn with replacement, the
/// query is one of them. Each shown item is (z + sqrt(v) n)/sqrt(1+v), n ~ N(0, item_variance I_d), v the within-class variance.
/// Predicted is the query's label distribution (arXiv 2506.17859, section 3). Label noise eps mixes a prediction p to (1-eps) p + eps/L.
template <std::size_t Dimensions, std::size_t Labels>
class classification {
public:
    static constexpr std::string_view name = "classification";
    static constexpr prediction_kind kind = prediction_kind::distribution;
    static constexpr std::string_view prediction_shape = "SL";

    struct parameters {
        std::size_t dimensions = Dimensions == dynamic ? 0 : Dimensions;  ///< d
        std::size_t labels = Labels == dynamic ? 2 : Labels;              ///< L
        std::optional<double> item_variance{};                            ///< of each coordinate of z; 1/d unless given
        double within_class_variance = 0.5;                               ///< v, as a multiple of the item variance
        double label_noise = 0;                                           ///< eps
        static constexpr auto fields =
            std::make_tuple(parameter_field{"dimensions", &parameters::dimensions, true}, parameter_field{"labels", &parameters::labels},
                            parameter_field{"item_variance", &parameters::item_variance},
                            parameter_field{"within_class_variance", &parameters::within_class_variance},
                            parameter_field{"label_noise", &parameters::label_noise});
    };
    /// tasks (D,d) and task_labels (D): an item and its label a row.
    struct task_table {
        ndarray<double, 2> tasks;
        ndarray<std::int32_t, 1> task_labels;  ///< (D)
        static constexpr auto fields =
            std::make_tuple(field{"tasks", &task_table::tasks, "Dd"}, field{"task_labels", &task_table::task_labels, "D", 'L'});
    };
    /// items (S,T,d) and item_labels (S,T) of the context; query (S,d) and query_label (S).
    struct sequences {
        ndarray<double, 3> items;              ///< (S,T,d)
        ndarray<std::int32_t, 2> item_labels;  ///< (S,T)
        ndarray<double, 2> query;              ///< (S,d)
        ndarray<std::int32_t, 1> query_label;  ///< (S)
        static constexpr auto fields =
            std::make_tuple(field{"items", &sequences::items, "STd"}, field{"item_labels", &sequences::item_labels, "ST", 'L'},
                            field{"query", &sequences::query, "Sd"}, field{"query_label", &sequences::query_label, "S", 'L'});
    };

    /// Throws std::invalid_argument for a dimension, label count, variance or noise out of range.
    explicit classification(parameters p = {})
        : dimensions_("rationale::classification", "dimensions", p.dimensions, 1),
          labels_("rationale::classification", "labels", p.labels, 1),
          values_(p) {
        constexpr const char* where = "rationale::classification";
        if (!values_.item_variance) values_.item_variance = 1.0 / static_cast<double>(dimensions());
        detail::positive(where, "item_variance", *values_.item_variance);
        detail::positive(where, "within_class_variance", values_.within_class_variance);
        detail::share(where, "label_noise", values_.label_noise);
    }

    [[nodiscard]] const parameters& values() const noexcept { return values_; }
    /// d.
    [[nodiscard]] std::size_t dimensions() const noexcept { return dimensions_.size(); }
    [[nodiscard]] std::size_t outcomes() const noexcept { return labels_.size(); }
    /// Of each coordinate of an item.
    [[nodiscard]] double item_variance() const noexcept { return *values_.item_variance; }
    /// v, of a shown item around its own, as a share of the item variance.
    [[nodiscard]] double within_class_variance() const noexcept { return values_.within_class_variance; }
    /// (1-eps) p + eps/L
    [[nodiscard]] double with_label_noise(double p) const noexcept {
        return (1 - values_.label_noise) * p + values_.label_noise / static_cast<double>(outcomes());
    }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'd' ? dimensions() : letter == 'L' ? outcomes() : 0; }

    /// One event: the query, with the context in view.
    struct query_input {
        std::span<const double> query;         ///< (d)
        std::span<const double> items;         ///< (T,d)
        std::span<const std::int32_t> labels;  ///< (T)

        /// Whether all coordinates are finite.
        [[nodiscard]] bool finite() const noexcept {
            const auto all = [](std::span<const double> x) {
                return std::all_of(x.begin(), x.end(), [](double number) { return std::isfinite(number); });
            };
            return all(query) && all(items);
        }
        /// Whether all of the context's labels are below L.
        [[nodiscard]] bool labels_below(std::size_t L) const noexcept {
            return std::all_of(labels.begin(), labels.end(), [L](std::int32_t l) { return static_cast<std::size_t>(l) < L; });
        }
    };
    class sequence_view {
    public:
        sequence_view(query_input input, std::size_t label) : input_(input), label_(label) {}
        [[nodiscard]] static constexpr std::size_t events() noexcept { return 1; }
        [[nodiscard]] const query_input& input(std::size_t) const noexcept { return input_; }
        [[nodiscard]] std::size_t observation(std::size_t) const noexcept { return label_; }

    private:
        query_input input_;
        std::size_t label_;
    };
    [[nodiscard]] static sequence_view view_of(std::span<const double> items, std::span<const std::int32_t> item_labels,
                                               std::span<const double> query, std::span<const std::int32_t> query_label) {
        return {{query, items, item_labels}, static_cast<std::size_t>(query_label[0])};
    }
    [[nodiscard]] static sequence_view view(const sequences& q, std::size_t s) {
        return view_of(row(q.items, s), row(q.item_labels, s), row(q.query, s), row(q.query_label, s));
    }
    static sequence_view view(const sequences&& temporary, std::size_t s) = delete;

    // The fold of a known item, shown as the query: N(q; z/sqrt(1+v), v/(1+v) item_variance I). It does not look at the context. An item
    // has L label probabilities and, exactly, their logarithms, its coordinates, and log N(0; z/sqrt(1+v), ...).
    struct shown_query {
        short_array<double, Dimensions> slope;  ///< of the log density in the item's coordinates: sqrt(1+v) q / (v item_variance)
        double at_zero = 0;                     ///< the log density of an item at the origin, up to that item's own constant
        std::size_t label = 0;                  ///< 1 + the query's label once it was seen
    };
    static constexpr std::size_t fixed_outcomes = Labels == dynamic ? 0 : Labels;
    [[nodiscard]] std::size_t rows() const noexcept { return outcomes(); }
    [[nodiscard]] std::size_t exact_rows() const noexcept { return outcomes() + dimensions() + 1; }
    [[nodiscard]] shown_query start() const { return {short_array<double, Dimensions>(dimensions())}; }
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const noexcept {
        for (std::size_t l = 0; l < outcomes(); ++l) {
            const double p = with_label_noise(static_cast<std::size_t>(table.task_labels(d)) == l ? 1 : 0);
            column[l * stride] = p;
            column[(outcomes() + l) * stride] = std::log(p);
        }
        const double variance = within_class_variance() * item_variance();
        double log_density =
            -0.5 * static_cast<double>(dimensions()) * std::log(2 * std::numbers::pi * variance / (1 + within_class_variance()));
        column += 2 * outcomes() * stride;
        for (double z : row(table.tasks, d)) {
            *column = z;
            column += stride;
            log_density -= 0.5 / variance * z * z;
        }
        *column = log_density;
    }
    void arrive(shown_query& shared, const query_input& input) const noexcept {
        const double variance = within_class_variance() * item_variance(), scale = std::sqrt(1 + within_class_variance());
        shared.at_zero = 0;
        for (std::size_t i = 0; i < dimensions(); ++i) {
            shared.slope[i] = scale / variance * input.query[i];
            shared.at_zero -= 0.5 * scale * input.query[i] * shared.slope[i];
        }
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& item, const V*, const shown_query&, const query_input&, Emit&& give) const {
        labels_.each([&](std::size_t l) { give(l, item[l]); });
    }
    template <class Rows, class V>
    V observe(const Rows& item, V*, const shown_query&, const query_input&, const V*, std::size_t label) const {
        return kernel::logarithm(item[label]);
    }
    template <class Rows>
    auto factor(const Rows& item, const shown_query&, const query_input&, std::size_t label) const {
        return item[label];
    }
    void advance(shown_query& shared, const query_input&, std::size_t label) const noexcept { shared.label = label + 1; }
    static constexpr bool sums_products = true;
    /// The query's log density and, once it was seen, its label's.
    template <class Rows>
    auto log_likelihood(const Rows& exact, const shown_query& shared) const {
        using V = std::remove_cvref_t<decltype(exact[0])>;
        const std::size_t first = outcomes();
        V nats = exact[first + dimensions()] + kernel::broadcast<V>(shared.at_zero);
        dimensions_.each([&](std::size_t i) {
            nats = kernel::lane_access<V>::multiply_add(kernel::broadcast<V>(shared.slope[i]), exact[first + i], nats);
        });
        return shared.label == 0 ? nats : nats + exact[shared.label - 1];
    }

    /// Draws the context's items with replacement and shows one of them again as the query; `truth` gets the query's item and label.
    template <class Draw>
    void sample(philox& rng, Draw&& draw, sequences& q, std::size_t s, task_table& truth) const {
        const auto context = q.item_labels.shape(1);
        if (context == 0)
            throw std::invalid_argument("rationale::classification: context is 0, must be at least 1: the query is one of its items");
        task_table pool;
        allocate(pool, [&](char letter) { return letter == 'D' ? context : extent(letter); });
        for (std::size_t t = 0; t < context; ++t) {
            draw(pool, t);
            show(rng, row(std::as_const(pool.tasks), t), row(q.items, s).subspan(t * dimensions(), dimensions()));
            q.item_labels(s, t) = pool.task_labels(t);
        }
        const std::size_t chosen = index(rng, context);
        const auto item = row(std::as_const(pool.tasks), chosen);
        std::copy(item.begin(), item.end(), row(truth.tasks, s).begin());
        truth.task_labels(s) = q.query_label(s) = pool.task_labels(chosen);
        show(rng, item, row(q.query, s));
    }
    /// All mass on the query's label.
    void target(const task_table&, const sequences& q, std::size_t s, std::span<double> out) const {
        std::fill(out.begin(), out.end(), 0.0);
        out[static_cast<std::size_t>(q.query_label(s))] = 1;
    }

private:
    void show(philox& rng, std::span<const double> item, std::span<double> out) const {
        const double noise = std::sqrt(within_class_variance() * item_variance()), scale = 1 / std::sqrt(1 + within_class_variance());
        fill_standard_normal(rng, out);
        for (std::size_t i = 0; i < dimensions(); ++i) out[i] = scale * (item[i] + noise * out[i]);
    }

    rationale::extent<Dimensions> dimensions_;
    rationale::extent<Labels> labels_;
    parameters values_;
};

}  // namespace rationale

#endif
