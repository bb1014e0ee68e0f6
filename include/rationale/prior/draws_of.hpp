#ifndef RATIONALE_PRIOR_DRAWS_OF_HPP
#define RATIONALE_PRIOR_DRAWS_OF_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/prior/prior.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/random/stream.hpp"

namespace rationale {

/// A prior without a closed form, known by how a task is drawn: Bayes with it weighs `count` tasks that were drawn once, so its predictions
/// and evidence are Monte Carlo estimates, whose error falls as 1/sqrt(count) as long as a context is explained by many of them.
/// draw(rng, family, table, row) draws a task into a row of the table; fresh tasks come from it directly.
template <class F, class Draw>
class draws_of {
public:
    static constexpr std::string_view strategy_name = "draws";

    /// `count` tasks by draw(rng, family, table, row) stand for the prior.
    draws_of(const F& family, Draw draw, std::size_t count = 4096, std::uint64_t seed = 0)
        : draw_(std::move(draw)), points_(family, drawn(family, draw_, count, seed)) {}

    /// The tasks that stand for it.
    [[nodiscard]] const seen_tasks<F>& points() const noexcept { return points_; }

    [[nodiscard]] const typename F::task_table& table() const noexcept { return points_.table(); }
    [[nodiscard]] std::size_t size() const noexcept { return points_.size(); }
    [[nodiscard]] double log_weight(std::size_t d) const noexcept { return points_.log_weight(d); }
    /// None: how to draw a task is a program.
    [[nodiscard]] std::vector<double> numbers() const { return {}; }
    void draw(philox& rng, const F& family, typename F::task_table& table, std::size_t to) const { draw_(rng, family, table, to); }

private:
    static typename F::task_table drawn(const F& family, const Draw& draw, std::size_t count, std::uint64_t seed) {
        typename F::task_table table;
        allocate(table, [&](char letter) { return letter == 'D' ? count : family.extent(letter); });
        for (std::size_t d = 0; d < count; ++d) {
            philox rng = stream(purpose::prior_draws, seed, d);
            draw(rng, family, table, d);
        }
        return table;
    }

    Draw draw_;
    seen_tasks<F> points_;
};

template <class F, class Draw>
struct predictive<F, draws_of<F, Draw>> : F {
    static constexpr bool points = true;

    predictive(const F& family, const draws_of<F, Draw>&) : F(family) {}
    void pack(const draws_of<F, Draw>& prior, std::size_t d, double* column, std::size_t stride) const {
        F::pack(prior.points().table(), d, column, stride);
    }
};

}  // namespace rationale

#endif
