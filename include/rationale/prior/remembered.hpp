#ifndef RATIONALE_PRIOR_REMEMBERED_HPP
#define RATIONALE_PRIOR_REMEMBERED_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/prior/memory.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/remembered_rows.hpp"
#include "rationale/prior/seen_tasks.hpp"

namespace rationale {

/// Seen tasks, each remembered with limited precision: a belief (prior/memory.hpp) in place of a point. Between the family's own prior,
/// precision 0, and the seen tasks themselves, precision infinity. Precision is double, one for all tasks, or std::vector<double>, one a
/// task.
template <class F, class Precision>
class remembered<seen_tasks<F>, Precision> {
    static_assert(
        requires { sizeof(memory<F>); },
        "rationale::remembered<seen_tasks<F>>: there is no memory<F>, the beliefs about tasks of F, or its header is not included, "
        "see rationale/prior/memory.hpp");

public:
    using task_table = typename F::task_table;
    static constexpr std::string_view strategy_name = "remembering";
    /// Whether all tasks are remembered alike.
    static constexpr bool uniform = std::same_as<Precision, double>;
    static_assert(uniform || std::same_as<Precision, std::vector<double>>,
                  "rationale::remembered: the precision must be a double for all tasks or a std::vector<double> with one a task");

    /// `precision` in pseudo-observations. Throws std::invalid_argument when it is negative or not a number, for another number of
    /// them than tasks, and for tasks of another size than the family's.
    remembered(const F& family, seen_tasks<F> seen, Precision precision)
        : memory_(family), seen_(std::move(seen)), precision_(std::move(precision)) {
        check_fields("rationale::remembered", seen_.table(), [&](char letter) { return family.extent(letter); });
        if constexpr (!uniform)
            if (precision_.size() != seen_.size())
                throw std::invalid_argument("rationale::remembered: there are " + std::to_string(precision_.size()) +
                                            " precisions, must be " + std::to_string(seen_.size()));
        for (double p : all())
            if (!(p >= 0))
                throw std::invalid_argument("rationale::remembered: a precision is " + detail::number_text(p) + ", must be at least 0");
    }

    /// What is remembered.
    [[nodiscard]] const seen_tasks<F>& seen() const noexcept { return seen_; }
    [[nodiscard]] const task_table& table() const noexcept { return seen_.table(); }
    /// kappa of task d, in pseudo-observations.
    [[nodiscard]] double precision(std::size_t d) const noexcept { return all()[uniform ? 0 : d]; }
    /// s of task d: rationale/prior/memory.hpp.
    [[nodiscard]] double share(std::size_t d) const noexcept { return memory_.share(precision(d)); }
    /// What the memory takes, in bits: the sum over tasks of KL(belief || own prior)/ln 2.
    [[nodiscard]] double bits() const {
        double nats = 0;
        for (std::size_t d = 0; d < size(); ++d) nats += memory_.nats(seen_.table(), d, share(d));
        return nats / std::numbers::ln2;
    }

    [[nodiscard]] std::size_t size() const noexcept { return seen_.size(); }
    [[nodiscard]] double log_weight(std::size_t d) const noexcept { return seen_.log_weight(d); }
    /// The seen tasks' numbers, then the precisions. What it takes to store them so precisely is `bits()`.
    [[nodiscard]] std::vector<double> numbers() const {
        auto numbers = seen_.numbers();
        numbers.insert(numbers.end(), all().begin(), all().end());
        return numbers;
    }
    /// Draws a seen task by weight, and then a task from the belief about it.
    void draw(philox& rng, const F&, task_table& out, std::size_t to) const {
        const std::size_t d = seen_.draw_index(rng);
        detail::check_same_rows("rationale::remembered", seen_.table(), out);
        memory_.draw(rng, seen_.table(), d, share(d), out, to);
    }

private:
    [[nodiscard]] std::span<const double> all() const noexcept {
        if constexpr (uniform) return {&precision_, 1};
        else return precision_;
    }

    memory<F> memory_;
    seen_tasks<F> seen_;
    Precision precision_;
};

template <class F>
remembered(const F&, seen_tasks<F>, double) -> remembered<seen_tasks<F>>;
template <class F>
remembered(const F&, seen_tasks<F>, std::vector<double>) -> remembered<seen_tasks<F>, std::vector<double>>;

/// Items remembered as N(s z, (1-s) item_variance I), their labels as they are: a query is N(s z/sqrt(1+v), (1-s+v)/(1+v) item_variance I).
/// It does not look at the context. Precision 0 leaves the labels' base rates among the seen items.
template <std::size_t Dimensions, std::size_t Labels, class Precision>
struct predictive<classification<Dimensions, Labels>, remembered<seen_tasks<classification<Dimensions, Labels>>, Precision>> {
    using family_type = classification<Dimensions, Labels>;
    using prior_type = remembered<seen_tasks<family_type>, Precision>;

    struct shown_query {
        short_array<double, Dimensions> slope;  ///< sqrt(1+v) q
        double square = 0;                      ///< |q|^2
        std::size_t label = 0;                  ///< 1 + the query's label once it was seen
    };

    predictive(const family_type& family, const prior_type&)
        : family_(family),
          dimensions_("rationale::bayes", "dimensions", family.dimensions(), 1),
          labels_("rationale::bayes", "labels", family.outcomes(), 1) {}

    /// Query and label count e times: the query is shown with within-class variance v/e.
    void temper(double e) noexcept { exponent_ = e, powers_ = e == 1 ? 0 : outcomes(); }
    static constexpr std::size_t fixed_outcomes = Labels == dynamic ? 0 : Labels;
    [[nodiscard]] std::size_t outcomes() const noexcept { return labels_.size(); }
    [[nodiscard]] std::size_t rows() const noexcept { return outcomes() + powers_; }
    [[nodiscard]] std::size_t exact_rows() const noexcept { return outcomes() + dimensions_.size() + 2; }
    [[nodiscard]] shown_query start() const { return {short_array<double, Dimensions>(dimensions_.size())}; }
    /// Label probabilities and, for e other than 1, their powers; logarithms of these, s z/V with V = (1-s+v/e) item_variance, the log
    /// density at the origin, -(1+v)/(2V).
    void pack(const prior_type& prior, std::size_t d, double* column, std::size_t stride) const noexcept {
        const auto& table = prior.seen().table();
        for (std::size_t l = 0; l < outcomes(); ++l) {
            const double p = family_.with_label_noise(static_cast<std::size_t>(table.task_labels(d)) == l ? 1 : 0);
            column[l * stride] = p;
            if (powers_ > 0) column[(outcomes() + l) * stride] = std::pow(p, exponent_);
            column[(rows() + l) * stride] = exponent_ == 0 ? 0 : exponent_ * std::log(p);
        }
        const double s = prior.share(d), v = family_.within_class_variance(), spread = (1 - s) * exponent_ + v;
        const double precision = exponent_ / (spread * family_.item_variance());  // 1/V
        const double shown_once = 2 * std::numbers::pi * v / (1 + v) * family_.item_variance();
        double log_density = -0.5 * static_cast<double>(dimensions_.size()) * (std::log(spread / v) + exponent_ * std::log(shown_once));
        column += (rows() + outcomes()) * stride;
        for (double z : row(table.tasks, d)) {
            *column = s * z * precision;
            column += stride;
            log_density -= 0.5 * precision * s * s * z * z;
        }
        column[0] = log_density;
        column[stride] = -0.5 * (1 + v) * precision;
    }
    void arrive(shown_query& shared, const typename family_type::query_input& input) const noexcept {
        shared.square = 0;
        for (std::size_t i = 0; i < dimensions_.size(); ++i) {
            shared.slope[i] = std::sqrt(1 + family_.within_class_variance()) * input.query[i];
            shared.square += input.query[i] * input.query[i];
        }
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& item, const V*, const shown_query&, const typename family_type::query_input&, Emit&& give) const {
        labels_.each([&](std::size_t l) { give(l, item[l]); });
    }
    template <class Rows, class V>
    V observe(const Rows& item, V*, const shown_query&, const typename family_type::query_input&, const V*, std::size_t label) const {
        return kernel::logarithm(item[powers_ + label]);
    }
    template <class Rows>
    auto factor(const Rows& item, const shown_query&, const typename family_type::query_input&, std::size_t label) const {
        return item[powers_ + label];
    }
    void advance(shown_query& shared, const typename family_type::query_input&, std::size_t label) const noexcept {
        shared.label = label + 1;
    }
    static constexpr bool sums_products = true;
    /// The query's log density and, once it was seen, its label's.
    template <class Rows>
    auto log_likelihood(const Rows& exact, const shown_query& shared) const {
        using V = std::remove_cvref_t<decltype(exact[0])>;
        const std::size_t first = outcomes(), constants = first + dimensions_.size();
        V nats = kernel::lane_access<V>::multiply_add(kernel::broadcast<V>(shared.square), exact[constants + 1], exact[constants]);
        dimensions_.each([&](std::size_t i) {
            nats = kernel::lane_access<V>::multiply_add(kernel::broadcast<V>(shared.slope[i]), exact[first + i], nats);
        });
        return shared.label == 0 ? nats : nats + exact[shared.label - 1];
    }

private:
    family_type family_;
    extent<Dimensions> dimensions_;
    extent<Labels> labels_;
    double exponent_ = 1;
    std::size_t powers_ = 0;  // where the powers of label probabilities begin
};

}  // namespace rationale

#endif
