#ifndef RATIONALE_TASK_FINITE_FUNCTION_HPP
#define RATIONALE_TASK_FINITE_FUNCTION_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/fwd.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// Functions from I inputs to K outputs, Boolean functions and permutations among them: pairs (x, y) with x uniform and y = f(x), or, with
/// probability noise, uniform. Predicted is the distribution of y at t from x at t and the pairs before it.
template <std::size_t Outputs>
class finite_function {
public:
    static constexpr std::string_view name = "finite_function";
    static constexpr prediction_kind kind = prediction_kind::distribution;
    static constexpr std::string_view prediction_shape = "STK";

    struct parameters {
        std::size_t inputs = 0;                                  ///< I
        std::size_t outputs = Outputs == dynamic ? 0 : Outputs;  ///< K
        double noise = 0;                                        ///< probability of an output at random
        static constexpr auto fields =
            std::make_tuple(parameter_field{"inputs", &parameters::inputs, true}, parameter_field{"outputs", &parameters::outputs, true},
                            parameter_field{"noise", &parameters::noise});
    };
    /// tasks (D,I): the output of every input.
    struct task_table {
        ndarray<std::int32_t, 2> tasks;  ///< (D,I)
        static constexpr auto fields = std::make_tuple(field{"tasks", &task_table::tasks, "DI", 'K'});
    };
    /// x and y (S,T).
    struct sequences {
        /// (S,T) each.
        ndarray<std::int32_t, 2> x, y;
        static constexpr auto fields = std::make_tuple(field{"x", &sequences::x, "ST", 'I'}, field{"y", &sequences::y, "ST", 'K'});
    };

    /// Throws std::invalid_argument for no inputs or outputs, or a noise outside [0, 1].
    explicit finite_function(parameters p = {}) : outputs_("rationale::finite_function", "outputs", p.outputs, 1), values_(p) {
        if (p.inputs == 0) throw std::invalid_argument("rationale::finite_function: inputs is 0, must be at least 1");
        detail::share("rationale::finite_function", "noise", p.noise);
    }

    [[nodiscard]] const parameters& values() const noexcept { return values_; }
    /// I.
    [[nodiscard]] std::size_t inputs() const noexcept { return values_.inputs; }
    [[nodiscard]] std::size_t outcomes() const noexcept { return outputs_.size(); }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'I' ? inputs() : letter == 'K' ? outcomes() : 0; }
    /// P(y | f(x) = y) and P(y | f(x) is another).
    [[nodiscard]] double hit() const noexcept { return 1 - values_.noise + miss(); }
    /// P(y | f(x) is another).
    [[nodiscard]] double miss() const noexcept { return values_.noise / static_cast<double>(outcomes()); }

    class sequence_view {
    public:
        sequence_view(std::span<const std::int32_t> x, std::span<const std::int32_t> y) : x_(x), y_(y) {}
        [[nodiscard]] std::size_t events() const noexcept { return x_.size(); }
        [[nodiscard]] std::size_t input(std::size_t t) const noexcept { return static_cast<std::size_t>(x_[t]); }
        [[nodiscard]] std::size_t observation(std::size_t t) const noexcept { return static_cast<std::size_t>(y_[t]); }

    private:
        std::span<const std::int32_t> x_, y_;
    };
    [[nodiscard]] static sequence_view view_of(std::span<const std::int32_t> x, std::span<const std::int32_t> y) { return {x, y}; }
    [[nodiscard]] static sequence_view view(const sequences& q, std::size_t s) { return view_of(row(q.x, s), row(q.y, s)); }
    static sequence_view view(const sequences&& temporary, std::size_t s) = delete;

    // The fold of a known function: P(y | x) for every x and y, and their logarithms. How often each pair came gives its likelihood.
    struct pairs {
        std::vector<double> times;
    };
    static constexpr std::size_t fixed_outcomes = Outputs == dynamic ? 0 : Outputs;
    static constexpr bool reads_by_event = true;
    [[nodiscard]] std::size_t rows() const noexcept { return inputs() * outcomes(); }
    [[nodiscard]] std::size_t exact_rows() const noexcept { return rows(); }
    [[nodiscard]] pairs start() const { return {std::vector<double>(rows())}; }
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const noexcept {
        for (std::size_t x = 0, i = 0; x < inputs(); ++x)
            for (std::size_t y = 0; y < outcomes(); ++y, ++i) {
                const double p = static_cast<std::size_t>(table.tasks(d, x)) == y ? hit() : miss();
                column[i * stride] = p;
                column[(rows() + i) * stride] = p > 0 ? std::log(p) : kernel::log_of_zero;
            }
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& f, const V*, const pairs&, std::size_t x, Emit&& give) const {
        outputs_.each([&](std::size_t y) { give(y, f[x * outcomes() + y]); });
    }
    template <class Rows, class V>
    V observe(const Rows& f, V*, const pairs&, std::size_t x, const V*, std::size_t y) const {
        return kernel::logarithm(f[x * outcomes() + y]);
    }
    template <class Rows>
    auto factor(const Rows& f, const pairs&, std::size_t x, std::size_t y) const {
        return f[x * outcomes() + y];
    }
    void advance(pairs& p, std::size_t x, std::size_t y) const noexcept { p.times[x * outcomes() + y] += 1; }
    template <class Rows>
    auto log_likelihood(const Rows& logs, const pairs& p) const {
        using V = std::remove_cvref_t<decltype(logs[0])>;
        V nats(0.0);
        for (std::size_t i = 0; i < p.times.size(); ++i)
            if (p.times[i] > 0) nats = kernel::lane_access<V>::multiply_add(V(p.times[i]), logs[i], nats);
        return nats;
    }

    /// Draws a function into `truth` and the pairs of sequence s.
    template <class Draw>
    void sample(philox& rng, Draw&& draw, sequences& q, std::size_t s, task_table& truth) const {
        draw(truth, s);
        for (std::size_t t = 0; t < q.x.shape(1); ++t) {
            const std::size_t x = index(rng, inputs());
            q.x(s, t) = static_cast<std::int32_t>(x);
            q.y(s, t) = uniform(rng) < values_.noise ? static_cast<std::int32_t>(index(rng, outcomes())) : truth.tasks(s, x);
        }
    }
    /// The true distribution of y at every event.
    void target(const task_table& truth, const sequences& q, std::size_t s, std::span<double> out) const {
        for (std::size_t t = 0; t < q.x.shape(1); ++t)
            for (std::size_t y = 0; y < outcomes(); ++y)
                out[t * outcomes() + y] =
                    truth.tasks(s, static_cast<std::size_t>(q.x(s, t))) == static_cast<std::int32_t>(y) ? hit() : miss();
    }

private:
    rationale::extent<Outputs> outputs_;
    parameters values_;
};

}  // namespace rationale

#endif
