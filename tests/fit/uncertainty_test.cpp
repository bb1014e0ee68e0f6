// Covariances that are stated, from their definitions; thresholds in D and their several roots; what is held out, for any number of tasks.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/fit/bootstrap.hpp"
#include "rationale/fit/cell_roles.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/forecast.hpp"
#include "rationale/fit/sandwich.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/random/samplers.hpp"

namespace r = rationale;

namespace {
/// Four runs of seven checkpoints, whose weights follow a law but for noise of each cell that lasts from one checkpoint to the next.
struct small_world {
    r::observations seen;
    std::vector<std::vector<r::predictions>> parts = std::vector<std::vector<r::predictions>>(4);

    small_world() {
        r::philox rng(5, 0);
        const std::vector<double> flat(4, .7);
        for (std::size_t d = 0; d < 4; ++d) {
            const double tasks = std::pow(4, static_cast<double>(d + 1));
            for (std::size_t q = 0; q < 2; ++q) {
                r::predictions p{r::prediction_kind::distribution, r::filled<double, 3>({12, 3, 4}, 0.0), {}};
                for (std::size_t i = 0; i < p.values.size(); i += 4) r::sample_dirichlet(rng, flat, {p.values.data() + i, 4});
                parts[d].push_back(std::move(p));
            }
            const r::account known{{.16 - .12 / static_cast<double>(1 + d), .162}, {5000 + 250 * tasks, 4416}};
            seen.runs.push_back(
                {.tasks = static_cast<std::size_t>(tasks), .known = known, .loss_covariance = {2e-5, 1.2e-5, 1.2e-5, 1.5e-5}});
            const r::mixture_compressor compress(parts[d]);
            double noise = 0;
            for (double steps : {20., 100., 400., 1200., 3000., 7000., 20000.}) {
                noise = .7 * noise + .4 * r::standard_normal(rng);
                const r::training at{.steps = steps, .tasks = tasks};
                const double odds = .9 * std::pow(steps, .4) * (known.loss[1] - known.loss[0]) -
                                    std::numbers::ln2 * (std::pow(known.complexity[0], .2) - std::pow(known.complexity[1], .2)) + noise;
                const double w = 1 / (1 + std::exp(-odds));
                seen.cells.push_back(
                    {d, at, r::split::id, r::cell_role::fitted, compress.parts(r::mixture(parts[d], std::vector{w, 1 - w}), 12)});
            }
        }
    }
    /// One part of one cell's divergence at (alpha, log gamma, log beta), with some losses; all of a cell where no part is named.
    [[nodiscard]] double divergence(std::size_t cell, std::array<double, 3> u, const r::account& known, int part = -1) const {
        const auto& c = seen.cells[cell];
        double odds = 0;
        for (std::size_t q = 0; q < 2; ++q)
            odds += (q == 0 ? -1 : 1) * (std::exp(u[1]) * std::pow(c.at.steps, 1 - u[0]) * known.loss[q] +
                                         std::numbers::ln2 * std::pow(known.complexity[q], std::exp(u[2])));
        const double w = 1 / (1 + std::exp(-odds));
        double sum = 0;
        for (std::size_t p = 0; p < c.parts.size(); ++p)
            if (part < 0 || p == static_cast<std::size_t>(part)) sum += c.parts[p](std::vector{w, 1 - w});
        return sum;
    }
};
using matrix = std::array<std::array<double, 3>, 3>;
using vector = std::array<double, 3>;

vector gradient(const std::function<double(vector)>& f, vector at) {
    vector out{};
    for (std::size_t i = 0; i < 3; ++i) {
        auto up = at, down = at;
        up[i] += 1e-5, down[i] -= 1e-5;
        out[i] = (f(up) - f(down)) / 2e-5;
    }
    return out;
}
/// A^-1 J A^-1 of a symmetric A, by Cramer's rule.
matrix between_inverses(const matrix& a, const matrix& j) {
    matrix inverse{}, half{}, out{};
    const auto minor = [&](std::size_t p, std::size_t q) {
        const std::size_t p1 = (p + 1) % 3, p2 = (p + 2) % 3, q1 = (q + 1) % 3, q2 = (q + 2) % 3;
        return a[p1][q1] * a[p2][q2] - a[p1][q2] * a[p2][q1];
    };
    const double determinant = a[0][0] * minor(0, 0) + a[0][1] * minor(0, 1) + a[0][2] * minor(0, 2);
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t q = 0; q < 3; ++q) inverse[q][p] = minor(p, q) / determinant;
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t q = 0; q < 3; ++q)
            for (std::size_t k = 0; k < 3; ++k) half[p][q] += inverse[p][k] * j[k][q];
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t q = 0; q < 3; ++q)
            for (std::size_t k = 0; k < 3; ++k) out[p][q] += half[p][k] * inverse[k][q];
    return out;
}
void add(matrix& j, const vector& a, const vector& b, double weight) {
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t q = 0; q < 3; ++q) j[p][q] += weight * a[p] * b[q];
}
}  // namespace

TEST_CASE("the sandwich's covariance is made of scores: of neighbouring checkpoints by Bartlett's weights, of sequences, of losses") {
    const small_world w;
    const auto sample = r::as_observed(w.seen);
    const auto fit = r::fit_law(r::law_of<r::published_law>(), sample.accounts, r::cells_of(w.seen, sample, r::is_fitted));
    REQUIRE(fit.values[0] > .05);  // at no bound
    const vector at{fit.values[0], std::log(fit.values[1]), std::log(fit.values[2])};
    const auto known = [&](std::size_t cell) -> const r::account& { return w.seen.runs[w.seen.cells[cell].run].known; };
    const std::size_t n = w.seen.cells.size();
    const auto share = 1 / static_cast<double>(n);
    const auto mean_gradient = [&](vector u) {
        return gradient(
            [&](vector v) {
                double sum = 0;
                for (std::size_t i = 0; i < n; ++i) sum += share * w.divergence(i, v, known(i));
                return sum;
            },
            u);
    };
    matrix hessian{};
    for (std::size_t i = 0; i < 3; ++i) {
        auto up = at, down = at;
        up[i] += 1e-4, down[i] -= 1e-4;
        const auto high = mean_gradient(up), low = mean_gradient(down);
        for (std::size_t j = 0; j < 3; ++j) hessian[i][j] = (high[j] - low[j]) / 2e-4;
    }
    std::vector<vector> score;
    for (std::size_t i = 0; i < n; ++i) score.push_back(gradient([&](vector v) { return w.divergence(i, v, known(i)); }, at));
    const auto check = [&](const r::bootstrap_options& options, const matrix& j, double tolerance = 2e-3) {
        const auto found = r::sandwich(w.seen, fit, options);
        const auto expected = between_inverses(hessian, j);
        for (std::size_t p = 0; p < 3; ++p)
            for (std::size_t q = 0; q < 3; ++q)
                CHECK(std::abs(found.covariance[p * 3 + q] - expected[p][q]) <
                      tolerance * std::sqrt(std::abs(expected[p][p] * expected[q][q])));
        const double half = 1.959963984540054 * std::sqrt(expected[1][1]);
        CHECK(found.intervals[1].lower == doctest::Approx(fit.values[1] * std::exp(-half)).epsilon(tolerance));
        CHECK(found.intervals[1].upper == doctest::Approx(fit.values[1] * std::exp(half)).epsilon(tolerance));
    };
    for (std::size_t consecutive : {1u, 3u}) {
        CAPTURE(consecutive);
        matrix j{};
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t k = 0; k < n; ++k) {
                const double apart = std::abs(static_cast<double>(i) - static_cast<double>(k));
                if (w.seen.cells[i].run != w.seen.cells[k].run || apart >= static_cast<double>(consecutive)) continue;
                add(j, score[i], score[k], share * share * (1 - apart / static_cast<double>(consecutive)));
            }
        check({.sequences = false, .losses = false, .consecutive = consecutive}, j);
    }
    // Of whole runs: 4/3 times the sum of squares of what each run's scores sum up to.
    matrix of_runs{};
    for (std::size_t run = 0; run < 4; ++run) {
        vector sum{};
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t k = 0; w.seen.cells[i].run == run && k < 3; ++k) sum[k] += share * score[i][k];
        add(of_runs, sum, sum, 4. / 3);
    }
    const auto runs = r::sandwich(w.seen, fit).run_covariance;
    const auto expected_of_runs = between_inverses(hessian, of_runs);
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t q = 0; q < 3; ++q)
            CHECK(std::abs(runs[p * 3 + q] - expected_of_runs[p][q]) <
                  2e-3 * std::sqrt(std::abs(expected_of_runs[p][p] * expected_of_runs[q][q])));
    matrix of_sequences{};
    for (std::size_t run = 0; run < 4; ++run) {
        std::vector<vector> part(12);
        vector mean{};
        for (int p = 0; p < 12; ++p)
            for (std::size_t i = 0; i < n; ++i) {
                if (w.seen.cells[i].run != run) continue;
                const auto g = gradient([&](vector v) { return w.divergence(i, v, known(i), p); }, at);
                for (std::size_t k = 0; k < 3; ++k) part[static_cast<std::size_t>(p)][k] += share * g[k], mean[k] += share * g[k] / 12;
            }
        for (auto& g : part) {
            for (std::size_t k = 0; k < 3; ++k) g[k] -= mean[k];
            add(of_sequences, g, g, 12. / 11);
        }
    }
    check({.cells = false, .losses = false}, of_sequences);
    matrix of_losses{};
    for (std::size_t run = 0; run < 4; ++run) {
        std::array<vector, 2> slope{};
        for (std::size_t q = 0; q < 2; ++q)
            for (double sign : {-1., 1.}) {
                auto moved = w.seen.runs[run].known;
                moved.loss[q] += sign * 1e-5;
                for (std::size_t i = 0; i < n; ++i) {
                    if (w.seen.cells[i].run != run) continue;
                    const auto g = gradient([&](vector v) { return w.divergence(i, v, moved); }, at);
                    for (std::size_t k = 0; k < 3; ++k) slope[q][k] += sign * share * g[k] / 2e-5;
                }
            }
        for (std::size_t q = 0; q < 2; ++q)
            for (std::size_t s = 0; s < 2; ++s) add(of_losses, slope[q], slope[s], w.seen.runs[run].loss_covariance[q * 2 + s]);
    }
    // Together with the others: by itself a covariance of so few losses is singular.
    for (std::size_t p = 0; p < 3; ++p)
        for (std::size_t q = 0; q < 3; ++q) of_losses[p][q] += of_sequences[p][q];
    check({.cells = false}, of_losses, 1e-2);  // derivatives there are over half a standard error
}

TEST_CASE("the covariance of losses comes back from the errors of each and of their differences, and bootstrap samples have it") {
    const std::vector<double> covariance{4, 1.5, -.5, 1.5, 2, .3, -.5, .3, 1};
    r::loss_estimate e{.mean = {1, 2, 3}, .standard_error = {2, std::sqrt(2), 1}, .difference_error = r::filled<double, 2>({3, 3}, 0.0)};
    for (std::size_t q = 0; q < 3; ++q)
        for (std::size_t s = 0; s < 3; ++s)
            e.difference_error(q, s) = std::sqrt(covariance[q * 3 + q] + covariance[s * 3 + s] - 2 * covariance[q * 3 + s]);
    const auto found = r::covariance_of(e);
    for (std::size_t i = 0; i < 9; ++i) CHECK(found[i] == doctest::Approx(covariance[i]));
    r::observations o;
    o.runs.push_back({.tasks = 4, .known = {{1, 2, 3}, {0, 0, 0}}, .loss_covariance = covariance});
    constexpr std::size_t samples = 20000;
    std::vector<double> mean(3), product(9);
    for (std::size_t b = 0; b < samples; ++b) {
        const auto loss = r::draw_bootstrap(o, {.seed = 1}, b).accounts[0].loss;
        for (std::size_t q = 0; q < 3; ++q) {
            mean[q] += loss[q] / samples;
            for (std::size_t s = 0; s < 3; ++s) product[q * 3 + s] += (loss[q] - e.mean[q]) * (loss[s] - e.mean[s]) / samples;
        }
    }
    for (std::size_t q = 0; q < 3; ++q) {
        CHECK(std::abs(mean[q] - e.mean[q]) < 5 * std::sqrt(covariance[q * 3 + q] / samples));
        for (std::size_t s = 0; s < 3; ++s)
            CHECK(std::abs(product[q * 3 + s] - covariance[q * 3 + s]) <
                  5 * std::sqrt(2 * covariance[q * 3 + q] * covariance[s * 3 + s] / samples));
    }
}

TEST_CASE("D*: every number of tasks where the odds vanish, between the recorded ones") {
    // Losses differ by .1 everywhere but at 16 tasks, where M is no better than G; bits of M grow as D.
    const std::vector<double> tasks{4, 8, 16, 32, 64};
    std::vector<r::account> known;
    for (double d : tasks) known.push_back({{d == 16 ? .2 : .1, .2}, {100 * d, 100}});
    const r::rational_law law{r::power_law_evidence{.5, 2}, r::linear_simplicity{.01 / std::numbers::ln2}};
    const auto any = r::law_of<r::rational_law<r::power_law_evidence, r::linear_simplicity>>();
    // Odds of 2 sqrt(N) (L_G - L_M) - D + 1; in log D the loss is a straight line between neighbours.
    const auto odds = [&](double d, double steps) {
        const double place = std::abs(std::log2(d / 16));
        return 2 * std::sqrt(steps) * .1 * (std::min)(1., place) - d + 1;
    };
    for (double steps : {2500., 4e4, 1.2e5, 1e6}) {
        CAPTURE(steps);
        std::vector<double> expected;
        for (double x = std::log(4); x < std::log(64); x += 1e-5)
            if ((odds(std::exp(x), steps) >= 0) != (odds(std::exp(x + 1e-5), steps) >= 0)) expected.push_back(std::exp(x));
        const auto found = r::threshold_tasks(any, law.values(), tasks, known, {.steps = steps});
        REQUIRE(found.size() == expected.size());
        for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
    CHECK(r::threshold_tasks(any, law.values(), tasks, known, {.steps = 4e4}).size() == 3);
    CHECK(r::threshold_tasks(any, law.values(), tasks, known, {.steps = 100}).empty());
    CHECK(r::threshold_tasks(any, law.values(), {}, {}, {.steps = 100}).empty());
}

TEST_CASE("fitted are the first four fifths, rounded up, of the task counts and of the steps that remain; what is beyond is held out") {
    for (std::size_t counts = 1; counts <= 12; ++counts)
        for (std::int64_t last = 1; last <= 12; ++last) {
            std::vector<std::size_t> tasks;
            for (std::size_t i = 0; i < counts; ++i) tasks.push_back(10 * (i + 1)), tasks.push_back(10 * (i + 1));  // two seeds
            std::vector<std::int64_t> steps;
            for (std::int64_t n = -3; n <= last; ++n) steps.push_back(n);
            const r::cell_roles split(tasks, steps, 1);
            const std::size_t fitted_tasks = (4 * counts + 4) / 5;
            const std::int64_t fitted_steps = (4 * last + 4) / 5;
            for (std::size_t i = 1; i <= counts; ++i)
                for (std::int64_t n = -3; n <= last; ++n) {
                    const bool more = i > fitted_tasks, later = n > fitted_steps;
                    CHECK(split.role(10 * i, n) == (n < 1           ? r::cell_role::before_threshold
                                                    : more && later ? r::cell_role::held_out_both
                                                    : more          ? r::cell_role::held_out_tasks
                                                    : later         ? r::cell_role::held_out_steps
                                                                    : r::cell_role::fitted));
                }
        }
}
