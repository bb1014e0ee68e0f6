// Stated standard errors of losses and of their differences, against the spread over many seeds.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/strategies.hpp"
#include "support/effort.hpp"

namespace r = rationale;

namespace {
/// Mean and standard deviation of what varies with the seed, and the mean of its stated variance.
struct spread {
    double n = 0, sum = 0, squares = 0, stated = 0;
    void add(double value, double standard_error) {
        ++n, sum += value, squares += value * value, stated += standard_error * standard_error;
    }
    [[nodiscard]] double mean() const { return sum / n; }
    [[nodiscard]] double deviation() const { return std::sqrt((squares - sum * sum / n) / (n - 1)); }
    /// Stated over true standard error.
    [[nodiscard]] double ratio() const { return std::sqrt(stated / n) / deviation(); }
};
constexpr std::size_t repetitions = sanitized ? 20 : 1500;
constexpr double tolerance = sanitized ? 1 : .07;  // four times the error of a standard deviation from so many
}  // namespace

TEST_CASE("the stated errors of losses and of each difference are those of other seeds: regression, nothing in closed form") {
    using line = r::linear_regression<2>;
    const line family({.noise_variance = .3, .task_variance = 2, .input_variance = 1.5, .task_mean = {.5, -1}});
    const r::seen_tasks<line> seen(family, r::sample_tasks(family, r::own_prior(family), 6, 1), {1, 2, 3, 3, 2, 1});
    const r::strategies all(r::memorizing<line>(family, seen), r::generalizing<line>(family), r::constant<line>(family));
    std::array<spread, 3> loss, difference;
    for (std::size_t seed = 0; seed < repetitions; ++seed) {
        const auto e = r::estimate_losses(all, seen, 4, {.seed = seed, .relative_error = 0, .batch = 20, .most_sequences = 40});
        for (std::size_t q = 0; q < 3; ++q) {
            const std::size_t other = (q + 1) % 3;
            loss[q].add(e.mean[q], e.standard_error[q]);
            difference[q].add(e.mean[q] - e.mean[other], e.difference_error(q, other));
            CHECK(e.difference_error(q, other) == e.difference_error(other, q));
        }
    }
    for (std::size_t q = 0; q < 3; ++q) {
        CAPTURE(q);
        CHECK(loss[q].ratio() == doctest::Approx(1).epsilon(tolerance));
        CHECK(difference[q].ratio() == doctest::Approx(1).epsilon(tolerance));
    }
}

TEST_CASE("a loss in closed form steadies the others: its seeds spread less, as much as is stated, around the same loss") {
    using urns = r::balls_and_urns<3>;
    const urns family({.concentration = {.5, 1, 2}});
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 6, 1));
    const r::memorizing<urns> m(family, seen);
    const r::strategies steadied(m, r::generalizing<urns>(family), r::constant<urns>(family));
    const r::strategies alone(m);
    const r::loss_options options{.relative_error = 0, .most_sequences = 60};
    std::array<spread, 2> loss;
    spread difference;
    for (std::size_t seed = 0; seed < repetitions; ++seed) {
        auto o = options;
        o.seed = seed;
        const auto with = r::estimate_losses(steadied, seen, 6, o), without = r::estimate_losses(alone, seen, 6, o);
        loss[0].add(with.mean[0], with.standard_error[0]);
        loss[1].add(without.mean[0], without.standard_error[0]);
        difference.add(with.mean[0] - with.mean[1], with.difference_error(0, 1));
    }
    for (const auto& s : {loss[0], loss[1], difference}) CHECK(s.ratio() == doctest::Approx(1).epsilon(tolerance));
    CHECK(loss[0].deviation() < .9 * loss[1].deviation());
    CHECK(std::abs(loss[0].mean() - loss[1].mean()) < 5 * loss[1].deviation() / std::sqrt(loss[1].n));
}

TEST_CASE("of two sequences the error is half the distance of their losses") {
    using line = r::linear_regression<1>;
    const line family({.noise_variance = .3});
    const r::strategies all{r::generalizing<line>(family), r::constant<line>(family)};
    const auto own = r::own_prior(family);
    line::sequences drawn;
    std::vector<r::predictions> p;
    const auto predict = [&](const line::sequences& q) {
        drawn = q;
        return p = r::predict_all(all, q);
    };
    const std::vector<std::optional<double>> exact(2);
    const auto both = r::estimate_losses(family, predict, exact, own, 3, {.relative_error = 0, .most_sequences = 2});
    double loss[2][2];
    for (std::size_t q = 0; q < 2; ++q)
        for (std::size_t s = 0; s < 2; ++s) {
            loss[q][s] = 0;
            for (std::size_t t = 0; t < 3; ++t) loss[q][s] += std::pow(drawn.y(s, t) - p[q].values(s, t, 0), 2) / (2 * .3) / 3;
        }
    for (std::size_t q = 0; q < 2; ++q) {
        CHECK(both.mean[q] == doctest::Approx((loss[q][0] + loss[q][1]) / 2));
        CHECK(both.standard_error[q] == doctest::Approx(std::abs(loss[q][0] - loss[q][1]) / 2));
    }
    CHECK(both.difference_error(0, 1) == doctest::Approx(std::abs(loss[0][0] - loss[1][0] - loss[0][1] + loss[1][1]) / 2));
}
