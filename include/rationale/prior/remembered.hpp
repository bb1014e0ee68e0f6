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

#include "rationale/kernel/covariance_factor.hpp"
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

/// Weight vectors remembered as N(m_d, (1-s) task_variance I), all with the same precision: gain and innovation variance are shared, and a
/// task's posterior mean is U_t m_d + v_t, so that it predicts (U_t' x).m_d + x.v_t. O(d^2) an event, and O(d) a task.
template <std::size_t Dimensions>
struct predictive<linear_regression<Dimensions>, remembered<seen_tasks<linear_regression<Dimensions>>>> {
    using family_type = linear_regression<Dimensions>;
    using prior_type = remembered<seen_tasks<family_type>>;

    struct filtered {
        kernel::covariance_factor<double> factor;
        std::vector<double> carried;  ///< U, d x d
        std::vector<double> drift;    ///< v
        std::vector<double> seen;     ///< U' x of the event in view
        double offset = 0, innovation_variance = 1;
        double log_norm_next = 0;     ///< nats that an observation where it is expected takes
        std::vector<double> xx, xy;   ///< sums of seen_i seen_j/S for j <= i, off the diagonal twice, and of -2 seen_i (y - offset)/S
        double yy = 0, log_norm = 0;  ///< sums of (y - offset)^2/S and log_norm_next
    };

    predictive(const family_type& family, const prior_type& prior)
        : family_(family), dimensions_("rationale::bayes", "dimensions", family.dimensions(), 1), share_(prior.share(0)) {
        temper(1);
    }

    /// Every pair counts e times: the noise has variance/e.
    void temper(double e) noexcept {
        exponent_ = e, noise_variance_ = family_.noise_variance() / e;
        log_unit_ = 0.5 * e * std::log(2 * std::numbers::pi * family_.noise_variance());
    }
    static constexpr std::size_t fixed_outcomes = 1;
    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t rows() const noexcept { return d(); }
    [[nodiscard]] filtered start() const {
        filtered out{kernel::covariance_factor<double>(d(), (1 - share_) * family_.values().task_variance),
                     std::vector<double>(d() * d()),
                     std::vector<double>(d()),
                     std::vector<double>(d()),
                     0,
                     1,
                     0,
                     std::vector<double>(d() * (d() + 1) / 2),
                     std::vector<double>(d())};
        for (std::size_t i = 0; i < d(); ++i) out.carried[i * d() + i] = 1;
        return out;
    }
    void pack(const prior_type& prior, std::size_t task, double* column, std::size_t stride) const noexcept {
        for (std::size_t i = 0; i < d(); ++i) {
            const double mean = family_.values().task_mean[i];
            column[i * stride] = mean + share_ * (prior.seen().table().tasks(task, i) - mean);
        }
    }
    void arrive(filtered& f, std::span<const double> x) const noexcept {
        f.offset = 0;
        std::fill(f.seen.begin(), f.seen.end(), 0.0);
        for (std::size_t i = 0; i < d(); ++i) {
            f.offset += x[i] * f.drift[i];
            for (std::size_t j = 0; j < d(); ++j) f.seen[j] += x[i] * f.carried[i * d() + j];
        }
        if (exponent_ == 0) {  // what is not read leaves the belief as it is
            f.innovation_variance = noise_variance_;
            return;
        }
        f.innovation_variance = f.factor.update(x.data(), noise_variance_);
        f.log_norm_next = 0.5 * std::log(f.innovation_variance / noise_variance_) + log_unit_;
    }
    template <class V>
    struct lane_pair {
        short_array<V, Dimensions> seen;
        V offset, minus_half_precision, minus_log_norm;
    };
    template <class V>
    [[nodiscard]] lane_pair<V> on_lanes(std::span<const double>, const filtered& f) const {
        lane_pair<V> out{short_array<V, Dimensions>(d()), kernel::broadcast<V>(f.offset),
                         kernel::broadcast<V>(-0.5 / f.innovation_variance), kernel::broadcast<V>(-f.log_norm_next)};
        for (std::size_t i = 0; i < d(); ++i) out.seen[i] = kernel::broadcast<V>(f.seen[i]);
        return out;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& m, const V*, const filtered&, const lane_pair<V>& input, Emit&& give) const {
        V mean = input.offset;
        dimensions_.each([&](std::size_t i) { mean = kernel::lane_access<V>::multiply_add(m[i], input.seen[i], mean); });
        give(std::size_t{0}, mean);
    }
    template <class Rows, class V>
    V observe(const Rows&, V*, const filtered&, const lane_pair<V>& input, const V* mean, double y) const {
        const V residual = kernel::broadcast<V>(y) - mean[0];
        return kernel::lane_access<V>::multiply_add(residual * residual, input.minus_half_precision, input.minus_log_norm);
    }
    void advance(filtered& f, std::span<const double>, double y) const noexcept {
        const double rest = y - f.offset, precision = 1 / f.innovation_variance;
        for (std::size_t i = 0, entry = 0; i < d(); ++i) {
            for (std::size_t j = 0; j < i; ++j) f.xx[entry++] += 2 * precision * f.seen[i] * f.seen[j];
            f.xx[entry++] += precision * f.seen[i] * f.seen[i];
            f.xy[i] -= 2 * precision * f.seen[i] * rest;
            for (std::size_t j = 0; j < d(); ++j) f.carried[i * d() + j] -= f.factor.gain()[i] * f.seen[j];
            f.drift[i] += f.factor.gain()[i] * rest;
        }
        f.yy += precision * rest * rest;
        f.log_norm += f.log_norm_next;
    }
    template <class Rows>
    auto log_likelihood(const Rows& m, const filtered& f) const {
        using V = std::remove_cvref_t<decltype(m[0])>;
        V squares(f.yy);
        const double* xx = f.xx.data();
        for (std::size_t i = 0; i < d(); ++i) {
            V part(f.xy[i]);
            for (std::size_t j = 0; j <= i; ++j) part = kernel::lane_access<V>::multiply_add(V(*xx++), m[j], part);
            squares = kernel::lane_access<V>::multiply_add(part, m[i], squares);
        }
        return V(-0.5) * squares - V(f.log_norm);
    }
    [[nodiscard]] double greatest_log_likelihood(const filtered& f) const noexcept { return -f.log_norm; }
    [[nodiscard]] double rounding(const filtered& f) const noexcept { return 2 * std::numeric_limits<double>::epsilon() * f.yy; }

private:
    [[nodiscard]] std::size_t d() const noexcept { return dimensions_.size(); }

    family_type family_;
    extent<Dimensions> dimensions_;
    double share_, exponent_ = 1, noise_variance_ = 1;
    double log_unit_ = 0;  // minus what likelihood^e has at its greatest
};

/// A precision of each task's own would take the filter apart.
template <std::size_t Dimensions>
struct predictive<linear_regression<Dimensions>, remembered<seen_tasks<linear_regression<Dimensions>>, std::vector<double>>> {
    static_assert(sizeof(linear_regression<Dimensions>) == 0,
                  "rationale::bayes: linear_regression must be remembered with one precision for all tasks, or as beliefs(family, prior)");
};

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
