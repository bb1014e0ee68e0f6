// Intervals hold the truth as often as they say: many recordings made from a known law, with noise between cells and between sequences.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/execution.hpp"
#include "rationale/explanation/law_explanation.hpp"
#include "rationale/explanation/score.hpp"
#include "rationale/fit/forecast.hpp"
#include "rationale/fit/over_runs.hpp"
#include "rationale/fit/profile.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/random/samplers.hpp"
#include "support/effort.hpp"

namespace r = rationale;

namespace {

constexpr std::size_t share = sanitized ? 50 : 1, replicates = 200 / share;

using knots = std::vector<std::pair<double, double>>;
const knots warmed_up_and_decayed{{0, 0}, {500, 1}, {3000, 1}, {12000, .3}, {20000, .05}};

struct noise {
    double cells = .3;      ///< of a cell's weights, new in every cell
    double sequences = .3;  ///< of a sequence's weights, the same at every checkpoint of its run
    double losses = 0;      ///< standard error of the losses' differences, as a share of them
    double runs = 0;        ///< standard deviation of an offset of the log odds of the first strategy, the same in all cells of a run
    double along = 0;       ///< and of their deviations along training, each .8 times the one before it and news
};

/// A recording whose model follows a law: its weights are w_q (1 + c (e_q - sum_r w_r e_r)) for uniform e in [-1, 1], once for the cell and
/// once for the sequence, so that their expectation is the law's w.
r::observations made_by(const r::any_law& law, const std::vector<double>& values, std::size_t strategies, const noise& with,
                        std::uint64_t seed, const knots& schedule = warmed_up_and_decayed, std::size_t runs = 6) {
    constexpr std::size_t sequences = 16, events = 3, outcomes = 4;
    r::observations o;
    r::philox rng(seed, 0), of_runs(seed, 1);
    const auto e = [&] { return 2 * r::uniform(rng) - 1; };
    for (std::size_t d = 0; d < runs; ++d) {
        r::account known{{.16 - .12 / static_cast<double>(1 + d), .162}, {6800 * std::pow(2.0, static_cast<double>(d)), 4416}};
        if (strategies == 3) known.loss.push_back(.5), known.complexity.push_back(1990);
        std::vector<r::predictions> parts(strategies,
                                          {r::prediction_kind::distribution, r::filled<double, 3>({sequences, events, outcomes}, 0.0), {}});
        const std::vector<double> flat(outcomes, .7);
        for (auto& p : parts)
            for (std::size_t i = 0; i < p.values.size(); i += outcomes) r::sample_dirichlet(rng, flat, {p.values.data() + i, outcomes});
        std::vector<std::vector<double>> of_sequence(sequences, std::vector<double>(strategies));
        for (auto& s : of_sequence)
            for (double& v : s) v = with.sequences * e();
        const r::mixture_compressor compress(parts);
        r::observed_run run{.tasks = std::size_t{4} << d, .known = known};
        if (with.losses > 0) {
            // The second strategy's loss is known, the first one's is estimated around the truth.
            const double error = with.losses * std::abs(known.loss[0] - known.loss[1]);
            run.loss_covariance.assign(strategies * strategies, 0.0);
            run.loss_covariance[0] = error * error;
            run.known.loss[0] += error * r::standard_normal(rng);
        }
        const double offset = with.runs * r::standard_normal(of_runs);
        double deviation = with.along * r::standard_normal(of_runs);
        for (double steps : {20.0, 100.0, 400.0, 1200.0, 3000.0, 7000.0, 12000.0, 20000.0}) {
            const r::training at{.steps = steps, .tasks = static_cast<double>(run.tasks), .schedule = schedule};
            auto log_p = law.log_posterior(values, known, at);
            log_p[0] += offset + deviation;
            deviation = .8 * deviation + .6 * with.along * r::standard_normal(of_runs);
            const auto w = r::softmax(log_p);
            std::vector<double> of_cell(strategies);
            for (double& v : of_cell) v = with.cells * e();
            r::predictions model = parts[0];
            for (std::size_t s = 0; s < sequences; ++s) {
                std::vector<double> u(strategies);
                double mean = 0;
                for (std::size_t q = 0; q < strategies; ++q) u[q] = of_cell[q] + of_sequence[s][q], mean += w[q] * u[q];
                for (std::size_t i = s * events * outcomes; i < (s + 1) * events * outcomes; ++i) {
                    double mixed = 0;
                    for (std::size_t q = 0; q < strategies; ++q)
                        mixed += w[q] * (std::max)(0.0, 1 + u[q] - mean) * parts[q].values.data()[i];
                    model.values.data()[i] = mixed;
                }
            }
            o.cells.push_back({d, at, r::split::id, r::cell_role::fitted, compress.parts(model, sequences)});
        }
        o.runs.push_back(std::move(run));
    }
    return o;
}

r::law_fit fit_near(const r::any_law& law, const std::vector<double>& values, const r::observations& o) {
    const auto s = r::as_observed(o);
    return r::fit_law(law, s.accounts, r::cells_of(o, s, r::is_fitted), {.initial = values});
}

/// How often each parameter's 95 % interval holds the truth.
struct coverage {
    std::vector<double> bootstrap, sandwich, profile;
};

coverage cover(const r::any_law& law, const std::vector<double>& values, std::size_t strategies, std::size_t n, const noise& with = {},
               const r::bootstrap_options& options = {.replicates = replicates}, bool profiles = true) {
    const std::size_t P = values.size();
    coverage out{std::vector<double>(P), std::vector<double>(P), std::vector<double>(P)};
    std::mutex counting;
    r::threads{}(n, [&](std::size_t repetition) {
        const auto o = made_by(law, values, strategies, with, 1000 + repetition);
        const auto fit = fit_near(law, values, o);
        const auto b = r::score({r::law_explanation("law", "law", o, fit)}, {options}).rows[0].value_intervals;
        const auto around = r::sandwich(o, fit, options);
        const auto profile = profiles ? r::profile_intervals(o, fit, around) : std::vector<r::interval>(P);
        const std::lock_guard lock(counting);
        for (std::size_t i = 0; i < P; ++i) {
            out.bootstrap[i] += b[i].holds(values[i]);
            // A parameter at its bound has no normal interval; its profile has one.
            out.sandwich[i] += (fit.at_bound[i] ? b[i] : around.intervals[i]).holds(values[i]);
            out.profile[i] += profile[i].holds(values[i]);
        }
    });
    for (auto* counts : {&out.bootstrap, &out.sandwich, &out.profile})
        for (double& c : *counts) c /= static_cast<double>(n);
    return out;
}

/// With B the number of n repetitions in which an interval of coverage .95 holds the truth, B ~ Binomial(n, .95):
///
///     n                                    300     100     50
///     least share that passes              .90     .86     .82
///     P(B/n is below it)                   1.3e-4  1.4e-4  1.6e-4
///     the same for a coverage of .85       .99     .54     .21
///     the same for a coverage of .70       1       1       .96
///
/// Of 300 at most 99 % may hold it, which P(B = 298, 299 or 300) = 2.9e-5 contradicts.
void check(const r::any_law& law, const coverage& c, std::size_t n) {
    if (share > 1) return;
    const double low = n >= 300 ? .90 : n >= 100 ? .86 : .82, high = n >= 300 ? .99 : 1;
    for (std::size_t i = 0; i < c.bootstrap.size(); ++i) {
        MESSAGE(law.name() << " " << law.parameters()[i].name << ": bootstrap " << c.bootstrap[i] << ", sandwich " << c.sandwich[i]
                           << ", profile " << c.profile[i]);
        for (double covered : {c.bootstrap[i], c.sandwich[i], c.profile[i]}) {
            if (covered == 0) continue;  // not asked for
            CHECK(covered >= low);
            CHECK(covered <= high);
        }
    }
}

r::any_law known(const std::string& name) {
    for (const auto& law : r::known_laws())
        if (law.name() == name) return law;
    throw std::invalid_argument(name);
}

}  // namespace

TEST_CASE("95 % intervals hold the truth for the published law, with two strategies" * takes_long) {
    const std::size_t n = repeats(100, 300);
    check(known("published"), cover(known("published"), {.6, .9, .2}, 2, n / share), n);
}

TEST_CASE("95 % intervals hold the truth for the published law, with three strategies" * takes_long) {
    const std::size_t n = repeats(100, 300);
    check(known("published"), cover(known("published"), {.6, .9, .2}, 3, n / share), n);
}

TEST_CASE("95 % intervals hold the truth for every other law" * takes_long) {
    const std::pair<const char*, std::vector<double>> others[]{{"alpha=0", {.015, .2}},
                                                               {"gamma=1", {.6, .2}},
                                                               {"linear-K", {.55, .5, 3e-5}},
                                                               {"no-simplicity", {.5, .4}},
                                                               {"saturating", {.5, .6, 5000, .2}},
                                                               {"scheduled", {.55, .7, .5, .2}}};
    const std::size_t n = repeats(50, 100);
    for (const auto& [name, values] : others)
        check(known(name), cover(known(name), values, 2, n / share, {}, {.replicates = replicates}, false), n);
}

TEST_CASE("the losses' standard errors are carried through: without them intervals are too narrow" * takes_long) {
    const noise with{.cells = .1, .sequences = .05, .losses = .15};
    const auto law = known("published");
    const auto carried = cover(law, {.6, .9, .2}, 2, 100 / share, with, {.replicates = replicates}, false);
    const auto ignored = cover(law, {.6, .9, .2}, 2, 100 / share, with, {.replicates = replicates, .losses = false}, false);
    check(law, carried, 100);
    if (share == 1) CHECK(*std::min_element(ignored.bootstrap.begin(), ignored.bootstrap.end()) < .8);
}

namespace {

/// How often each parameter's 95 % interval holds the truth: the sandwich's of cells alone, the jackknife's and the reported one.
std::array<std::vector<double>, 3> cover_runs(const r::any_law& law, const std::vector<double>& values, const noise& with, std::size_t runs,
                                              std::size_t n) {
    std::array<std::vector<double>, 3> out;
    for (auto& counts : out) counts.resize(values.size());
    std::mutex counting;
    r::threads{}(n, [&](std::size_t repetition) {
        const auto o = made_by(law, values, 2, with, 5000 + repetition, warmed_up_and_decayed, runs);
        const auto fit = fit_near(law, values, o);
        const auto around = r::sandwich(o, fit, {.consecutive = 3});
        const auto sure = r::over_runs(o, fit, around);
        const std::lock_guard lock(counting);
        for (std::size_t i = 0; i < values.size(); ++i) {
            out[0][i] += around.intervals[i].holds(values[i]);
            out[1][i] += sure.jackknife[i].holds(values[i]);
            out[2][i] += sure.intervals[i].holds(values[i]);
        }
    });
    for (auto& counts : out)
        for (double& c : counts) c /= static_cast<double>(n);
    return out;
}

void check_runs(const noise& with, std::size_t runs) {
    const auto law = known("published");
    const auto covered = cover_runs(law, {.6, .9, .2}, with, runs, 300 / share);
    for (std::size_t i = 0; i < 3; ++i) {
        MESSAGE(law.parameters()[i].name << ": sandwich of cells " << covered[0][i] << ", jackknife " << covered[1][i] << ", reported "
                                         << covered[2][i]);
        if (share > 1) continue;
        CHECK(covered[2][i] >= .90);
        CHECK(covered[2][i] <= .99);
    }
}

}  // namespace

TEST_CASE("runs whose log odds are offset: the reported intervals hold the truth, those of cells alone do not") {
    check_runs({.cells = .1, .sequences = .1, .runs = .5}, 9);
}

TEST_CASE("deviations that last along training: the reported intervals hold the truth") {
    check_runs({.cells = .1, .sequences = .1, .along = .5}, 9);
}

TEST_CASE("a flat direction is reported, not a number") {
    const auto o = made_by(known("published"), {.6, .9, .2}, 2, {}, 1, {});
    const auto s = r::as_observed(o);
    const auto cells = r::cells_of(o, s, r::is_fitted);
    const auto says = [](const r::law_fit& f, const std::string& what) {
        for (const auto& sentence : f.not_identifiable)
            if (sentence.find(what) != std::string::npos) return true;
        return false;
    };
    // The others are determined, and have their intervals.
    const auto scheduled = r::fit_law(known("scheduled"), s.accounts, cells), published = r::fit_law(known("published"), s.accounts, cells);
    CHECK(says(scheduled, "share has a flat profile"));
    CHECK(scheduled.determined == std::vector<bool>{true, true, false, true});
    const auto around = r::sandwich(o, scheduled).intervals, of_published = r::sandwich(o, published).intervals;
    CHECK(std::isnan(around[2].lower));
    for (std::size_t i : {0u, 1u, 3u}) CHECK(around[i].lower == doctest::Approx(of_published[i == 3 ? 2 : i].lower).epsilon(1e-4));
    CHECK(r::fit_law(known("published"), s.accounts, cells).identifiable());
    std::vector<r::fit_cell> single;
    for (const auto& c : cells)
        if (c.account == 3) single.push_back(c);
    CHECK(says(r::fit_law(known("published"), s.accounts, single), "single number of tasks"));
}

TEST_CASE("three strategies from the first checkpoint on: the fit finds the law from anywhere") {
    // Early on the constant leads, so a search that starts at a slow exposure may end with alpha at zero.
    const auto law = known("published");
    for (std::uint64_t seed = 0; seed < (sanitized ? 1 : 6); ++seed) {
        const auto o = made_by(law, {.6, .9, .2}, 3, {}, 50 + seed);
        const auto s = r::as_observed(o);
        const auto fit = r::fit_law(law, s.accounts, r::cells_of(o, s, r::is_fitted));
        CHECK(fit.identifiable());
        CHECK(fit.values[0] > .4);
        CHECK(fit.objective <= fit_near(law, {.6, .9, .2}, o).objective + 1e-9);
    }
}

TEST_CASE("a backtest: the right law forecasts the second half of training, a wrong one does not") {
    double right = 0, wrong = 0, carried = 0, ceiling = 0;
    constexpr int recordings = sanitized ? 2 : 8;
    for (std::uint64_t seed = 0; seed < recordings; ++seed) {
        const auto o = made_by(known("published"), {.6, .9, .2}, 2, {.cells = .1, .sequences = .1}, seed);
        const auto good = r::backtest(o, known("published")), bad = r::backtest(o, known("alpha=0"));
        CHECK(good.cells == 24);
        right += good.law, wrong += bad.law, carried += good.carried, ceiling += good.ceiling;
    }
    MESSAGE("law " << right / recordings << ", wrong law " << wrong / recordings << ", weights carried on " << carried / recordings
                   << ", ceiling " << ceiling / recordings);
    CHECK(right < wrong);
    CHECK(right < carried);
    CHECK(right - ceiling < .3 * (carried - ceiling));
}

TEST_CASE("a bootstrap sample: the same for the same number, every run's sequences together, held-out cells stay held out") {
    auto o = made_by(known("published"), {.6, .9, .2}, 2, {}, 9);
    for (auto& c : o.cells)
        if (c.at.steps > 10000) c.role = r::cell_role::held_out_steps;
    const r::bootstrap_options options{.replicates = 3, .seed = 4, .consecutive = 2};
    const auto sample = [&](const r::bootstrap_options& of, std::uint64_t replicate) {
        return r::resample(o, r::draw_bootstrap(o, of, replicate));
    };
    const auto a = sample(options, 1), same = sample(options, 1), other = sample(options, 2);
    CHECK(a.weights == same.weights);
    CHECK(a.weights != other.weights);
    double fitted = 0, held_out = 0;
    for (std::size_t i = 0; i < o.cells.size(); ++i) (r::is_fitted(o.cells[i]) ? fitted : held_out) += a.weights[i];
    CHECK(fitted == 36);
    CHECK(held_out == 12);
    const std::vector<double> w{.3, .7};
    const auto observed = r::as_observed(o);
    const auto cells_alone = sample({.sequences = false}, 0), fitted_alone = r::resample(o, r::draw_bootstrap(o, options, 1), r::is_fitted);
    for (std::size_t i = 0; i < o.cells.size(); ++i) {
        CAPTURE(i);
        CHECK(a.losses[i](w) == same.losses[i](w));
        if (a.weights[i] > 0) CHECK(a.losses[i](w) != observed.losses[i](w));
        else CHECK(a.losses[i](w) == 0);  // what was not drawn is not summed up
        CHECK(fitted_alone.losses[i](w) == (r::is_fitted(o.cells[i]) ? a.losses[i](w) : 0));
        if (cells_alone.weights[i] > 0) CHECK(cells_alone.losses[i](w) == doctest::Approx(observed.losses[i](w)).epsilon(1e-12));
    }
    CHECK(fitted_alone.weights == a.weights);
    // Where other cells are fitted, as with another choice of strategies, those held out and the sequences are drawn as before.
    auto others_fitted = o;
    for (std::size_t i = 0; i < 5; ++i) others_fitted.cells[i].role = r::cell_role::before_threshold;
    const auto drawn = r::draw_bootstrap(o, options, 1), of_others = r::draw_bootstrap(others_fitted, options, 1);
    CHECK(of_others.parts == drawn.parts);
    for (std::size_t i = 0; i < o.cells.size(); ++i)
        if (r::is_held_out(o.cells[i])) CHECK(of_others.weights[i] == drawn.weights[i]);
    CHECK(of_others.weights != drawn.weights);
    CHECK(std::isnan(r::quantile({}, .5)));
    CHECK(r::quantile({1, 2, std::numeric_limits<double>::infinity()}, .5) == 2);
    CHECK(r::quantile({-std::numeric_limits<double>::infinity(), 1, 2}, .25) == -std::numeric_limits<double>::infinity());
    CHECK(r::quantile({-std::numeric_limits<double>::infinity(), 1, 2}, .75) == 1.5);
    CHECK(r::quantile({1, std::numeric_limits<double>::infinity()}, .5) == std::numeric_limits<double>::infinity());
    CHECK(r::quantile({1, std::numeric_limits<double>::infinity()}, 1) == std::numeric_limits<double>::infinity());
}

TEST_CASE("a bootstrap sample is a mean over the drawn sequences: what is the same in all of them does not vary, nor does its sandwich") {
    auto o = made_by(known("published"), {.6, .9, .2}, 2, {}, 9);
    const r::bootstrap_options sequences_alone{.replicates = 20, .cells = false, .losses = false};
    for (auto& c : o.cells) {  // 17 sequences that are all alike, in 5 parts of 3 or 4
        std::vector<r::predictions> strategies(2, {r::prediction_kind::distribution, r::filled<double, 3>({17, 1, 2}, 0.0), {}});
        auto model = strategies[0];
        for (std::size_t s = 0; s < 17; ++s)
            for (std::size_t k = 0; k < 2; ++k) {
                strategies[0].values(s, 0, k) = k == 0 ? .9 : .1, strategies[1].values(s, 0, k) = k == 0 ? .2 : .8;
                model.values(s, 0, k) = k == 0 ? .4 + .001 * static_cast<double>(&c - o.cells.data()) : .6;
            }
        c.parts = r::mixture_compressor(strategies).parts(model, 5);
        CHECK(c.parts[0].share() == doctest::Approx(3 / 17.).epsilon(1e-14));
        CHECK(c.parts[4].share() == doctest::Approx(4 / 17.).epsilon(1e-14));
    }
    const auto once = r::as_observed(o);
    const std::vector<double> w{.3, .7};
    for (std::uint64_t b = 0; b < sequences_alone.replicates; ++b) {
        const auto sample = r::resample(o, r::draw_bootstrap(o, sequences_alone, b));
        for (std::size_t i = 0; i < o.cells.size(); ++i) CHECK(std::abs(sample.losses[i](w) - once.losses[i](w)) < 1e-14);
        CHECK(sample.losses[0].share() == doctest::Approx(1).epsilon(1e-14));
    }
    const auto cells = r::cells_of(o, once, r::is_fitted);
    const auto fit = r::fit_law(known("published"), once.accounts, cells);
    const auto covariance = r::sandwich(o, fit, sequences_alone).covariance;
    const auto of_cells = r::sandwich(o, fit, {.losses = false}).covariance;
    for (std::size_t p = 0; p < 3; ++p)
        if (of_cells[p * 4] > 0) CHECK(covariance[p * 4] < 1e-18 * of_cells[p * 4]);
}

TEST_CASE("a forecast of an exact law: N*, its exponent, and D* where the odds vanish") {
    const auto law = known("published");
    const std::vector<double> values{.6, .9, .2};
    const auto o = made_by(law, values, 2, {.cells = 0, .sequences = 0}, 3);
    const auto fit = fit_near(law, values, o);
    const auto f = r::forecast(o, fit, {}, {});
    REQUIRE(f.runs.size() == 6);
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (std::size_t d = 0; d < 6; ++d) {
        const auto& a = o.runs[d].known;
        const double steps = std::pow(
            std::log(2.0) * (std::pow(a.complexity[0], .2) - std::pow(a.complexity[1], .2)) / (.9 * (a.loss[1] - a.loss[0])), 1 / .4);
        CHECK(f.runs[d].overtakes.steps == doctest::Approx(steps).epsilon(1e-3));
        const double u = std::log(static_cast<double>(o.runs[d].tasks)), v = std::log(steps);
        ++n, x += u, y += v, xx += u * u, xy += u * v;
        CHECK(f.runs[d].order.size() == 2);
        CHECK(f.runs[d].order[0].strategy == 1);
        CHECK(f.runs[d].order[1].from_steps == doctest::Approx(steps).epsilon(1e-3));
    }
    CHECK(f.exponent == doctest::Approx((xy - x * y / n) / (xx - x * x / n)).epsilon(1e-3));
    // Memorizing leads for the fewest tasks from their N* on.
    std::size_t memorizing_first = 0;
    for (const auto& t : f.thresholds) {
        CHECK(t.memorizing_first == (t.steps >= f.runs[0].overtakes.steps));
        memorizing_first += t.memorizing_first;
    }
    CHECK(memorizing_first > 0);
    // Whatever the order of the runs.
    auto turned = o;
    std::reverse(turned.runs.begin(), turned.runs.end());
    for (auto& c : turned.cells) c.run = 5 - c.run;
    std::stable_sort(turned.cells.begin(), turned.cells.end(), [](const auto& a, const auto& b) { return a.run < b.run; });
    const auto g = r::forecast(turned, fit, {}, {});
    REQUIRE(g.thresholds.size() == f.thresholds.size());
    for (std::size_t i = 0; i < f.thresholds.size(); ++i) {
        CHECK(g.thresholds[i].tasks == f.thresholds[i].tasks);
        CHECK(g.thresholds[i].memorizing_first == f.thresholds[i].memorizing_first);
    }
    CHECK(r::forecast({}, fit, {}, {}).thresholds.empty());
    // At the N* of 32 tasks the threshold is 32 tasks.
    std::vector<double> tasks;
    std::vector<r::account> accounts;
    for (const auto& run : o.runs) tasks.push_back(static_cast<double>(run.tasks)), accounts.push_back(run.known);
    const auto roots = r::threshold_tasks(law, fit.values, tasks, accounts, {.steps = f.runs[3].overtakes.steps});
    REQUIRE(roots.size() == 1);
    CHECK(roots[0] == doctest::Approx(32).epsilon(1e-6));
    // What one account lacks is 0: covariates, log masses.
    auto given = accounts, zeros = accounts;
    const auto shift = known("belief-shift");
    auto of_shift = fit.values;
    of_shift.resize(shift.parameters().size(), 1);
    for (std::size_t i = 0; i < given.size(); ++i) {
        zeros[i].covariate = {i % 2 == 0 ? .1 : 0, 0}, zeros[i].log_mass = {i % 2 == 0 ? 0 : .1, 0};
        if (i % 2 == 0) given[i].covariate = {.1, 0};
        else given[i].log_mass = {.1, 0};
    }
    CHECK(r::threshold_tasks(shift, of_shift, tasks, given, {.steps = 100}) ==
          r::threshold_tasks(shift, of_shift, tasks, zeros, {.steps = 100}));
    for (auto& a : zeros) a.log_mass = {0, -std::numeric_limits<double>::infinity()};
    CHECK(r::threshold_tasks(law, fit.values, tasks, zeros, {.steps = 100}).empty());  // strategy 0 always leads
    // One number of tasks whose memorizing is bad: it loses there, leads again for more, and loses beyond the threshold as before.
    accounts[2].loss[0] = .3;
    CHECK(r::threshold_tasks(law, fit.values, tasks, accounts, {.steps = 1.5 * f.runs[3].overtakes.steps}).size() == 3);
    CHECK(r::threshold_tasks(law, fit.values, tasks, accounts, {.steps = f.runs[3].overtakes.steps / 1.5}).size() == 1);
}

TEST_CASE("a forecast from the untrained model on, of one number of tasks, and of tasks whose visits are recorded") {
    const auto law = known("published");
    auto o = made_by(law, std::vector<double>{.6, .9, .2}, 2, {.cells = 0, .sequences = 0}, 3);
    const auto fit = fit_near(law, {.6, .9, .2}, o);
    const auto from_first = r::forecast(o, fit, {}, {});
    // The model before training has no steps: forecasts begin with the first checkpoint after it.
    auto untrained = o;
    auto first = o.cells[0];
    first.at.steps = 0;
    untrained.cells.insert(untrained.cells.begin(), first);
    const auto f = r::forecast(untrained, fit, {}, {});
    REQUIRE(f.thresholds.size() == from_first.thresholds.size());
    for (std::size_t i = 0; i < f.thresholds.size(); ++i) {
        CHECK(f.thresholds[i].steps > 0);
        CHECK(f.thresholds[i].steps == from_first.thresholds[i].steps);
    }
    // Three seeds of one number of tasks tell no slope, however their logarithms are rounded.
    auto same = o;
    same.runs.resize(3);
    std::erase_if(same.cells, [](const auto& c) { return c.run > 2; });
    for (std::size_t i = 0; i < 3; ++i) same.runs[i].tasks = 24, same.runs[i].known.loss[0] += .01 * static_cast<double>(i);
    for (auto& c : same.cells) c.at.tasks = 24;
    CHECK(std::isnan(r::forecast(same, fit, {}, {}).exponent));
    // A law of visits: visits that are recorded as N/D, of every run its own, change nothing.
    const auto of_visits = r::law_of<r::rational_law<r::per_task_evidence, r::power_simplicity>>();
    auto values = fit;
    values.law = of_visits, values.values = {.6, .9, .2};
    std::vector<std::vector<std::pair<double, double>>> visits;
    for (const auto& run : o.runs) visits.push_back({{1e6, 1e6 / static_cast<double>(run.tasks)}});
    auto recorded = o;
    for (auto& c : recorded.cells) c.at.visits = visits[c.run];
    const auto expected = r::forecast(o, values, {}, {}), found = r::forecast(recorded, values, {}, {});
    std::size_t roots = 0;
    for (std::size_t i = 0; i < found.thresholds.size(); ++i) {
        REQUIRE(found.thresholds[i].tasks.size() == expected.thresholds[i].tasks.size());
        CHECK(found.thresholds[i].memorizing_first == expected.thresholds[i].memorizing_first);
        for (std::size_t k = 0; k < found.thresholds[i].tasks.size(); ++k, ++roots)
            CHECK(found.thresholds[i].tasks[k] == doctest::Approx(expected.thresholds[i].tasks[k]).epsilon(1e-9));
    }
    CHECK(roots > 0);
    const std::vector<double> one{1};
    CHECK_THROWS_WITH_AS((void)r::threshold_tasks(law, fit.values, std::vector<double>{4, 8}, std::vector<r::account>(2), {}, one),
                         "rationale::threshold_tasks: visits has 1 numbers, must have 2", std::invalid_argument);
    CHECK_THROWS_WITH((void)r::threshold_tasks(law, fit.values, std::vector<double>{4, 8}, std::vector<r::account>(1), {}),
                      "rationale::threshold_tasks: known has 1 numbers, must have 2");
}

TEST_CASE("cells without any scatter: the profile interval is the estimate, and blocks of no cells are refused") {
    const auto o = made_by(known("no-simplicity"), {.5, .4}, 2, {.cells = 0, .sequences = 0}, 3);
    const auto fit = fit_near(known("no-simplicity"), {.5, .4}, o);
    r::sandwich_result exact = r::sandwich(o, fit);
    exact.covariance.assign(4, 0.0);
    const auto ends = r::profile_intervals(o, fit, exact);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(ends[i].lower == doctest::Approx(fit.values[i]));
        CHECK(ends[i].upper == doctest::Approx(fit.values[i]));
    }
    CHECK_THROWS_WITH_AS((void)r::draw_bootstrap(o, {.consecutive = 0}, 0),
                         "rationale::draw_bootstrap: consecutive is 0, must be at least 1, the checkpoints of a block",
                         std::invalid_argument);
}

TEST_CASE("Student's quantiles are SciPy's, also between whole numbers of degrees") {
    struct row {
        double degrees, at_95, at_99, at_50;
    };
    const row table[]{{1, 12.706204736432095, 63.65674116287399, 1},
                      {1.1, 10.276801295708555, 44.53781046921077, 0.9630663216360775},
                      {1.5, 6.016663107990447, 17.820310514461323, 0.8725946625416114},
                      {1.9, 4.527118077402538, 10.851379126309055, 0.8250469582876407},
                      {2, 4.302652729911275, 9.92484320091807, 0.8164965809277266},
                      {2.5, 3.5746548420118773, 7.16372813402124, 0.7850136812811753},
                      {3.7, 2.8675207071912086, 4.869252253428671, 0.746485153437309},
                      {5, 2.5705818366147395, 4.032142983557536, 0.7266868437979397},
                      {30, 2.0422724563012373, 2.7499956535670305, 0.6827556919926214},
                      {57.25, 2.0022759633924183, 2.6644692495912667, 0.6787992997025943},
                      {1000.5, 1.9623378924593473, 2.580752232174303, 0.6747350419214269},
                      {1e4, 1.960201239890626, 2.576321046668529, 0.6745142844835923}};
    for (const auto& [degrees, at_95, at_99, at_50] : table) {
        CAPTURE(degrees);
        CHECK(r::student_quantile(degrees) == doctest::Approx(at_95).epsilon(1e-9));
        CHECK(r::student_quantile(degrees, .99) == doctest::Approx(at_99).epsilon(1e-9));
        CHECK(r::student_quantile(degrees, .5) == doctest::Approx(at_50).epsilon(1e-9));
    }
    CHECK(r::student_quantile(1e9) == r::student_quantile(1e4));
    CHECK(r::student_quantile(.3) == r::student_quantile(1));
    // One degree is Cauchy's arctangent, far out as well.
    CHECK(r::student_quantile(1, .999999) == doctest::Approx(std::tan(.5 * std::acos(-1) * .999999)).epsilon(1e-8));
}

TEST_CASE("over runs: the jackknife is that of refits, equal runs count in full, and one that tells all counts alone") {
    const auto law = known("published");
    const auto o = made_by(law, {.6, .9, .2}, 2, {.runs = .3}, 11);
    const auto fit = fit_near(law, {.6, .9, .2}, o);
    const auto sure = r::over_runs(o, fit, r::sandwich(o, fit));
    REQUIRE(sure.runs == 6);
    REQUIRE(sure.without.size() == 6);
    const auto s = r::as_observed(o);
    std::vector<double> logs;
    for (std::size_t run = 0; run < 6; ++run) {
        const auto rest = r::cells_of(o, s, [run](const r::observed_cell& c) { return c.run != run; });
        logs.push_back(std::log(r::fit_law(law, s.accounts, rest, {.initial = fit.values}).values[2]));
        CHECK(std::log(sure.without[run][2]) == doctest::Approx(logs.back()).epsilon(1e-4));
    }
    double mean = 0, scatter = 0;
    for (double x : logs) mean += x / 6;
    for (double x : logs) scatter += (x - mean) * (x - mean);
    CHECK(sure.standard_error[2] == doctest::Approx(std::sqrt(5. / 6 * scatter)).epsilon(1e-3));
    const double width = r::student_quantile(sure.effective[2] - 1) * sure.standard_error[2];
    CHECK(sure.jackknife[2].upper == doctest::Approx(fit.values[2] * std::exp(width)).epsilon(1e-6));
    for (std::size_t p = 0; p < 3; ++p) {
        CHECK(sure.effective[p] >= 1);
        CHECK(sure.effective[p] <= 6);
        CHECK(sure.intervals[p].lower <= sure.jackknife[p].lower);
        CHECK(sure.intervals[p].upper >= sure.jackknife[p].upper);
    }
    // An interval that reaches a bound, or over ten decades, tells nothing, whatever the curvature.
    CHECK(sure.determined == std::vector<bool>{false, false, true});
    REQUIRE(sure.sentences.size() >= 2);
    CHECK(sure.sentences[0].find("alpha is not determined: its interval over 6 runs, 0.162 to 1, reaches a bound") == 0);
    CHECK(sure.intervals[1].upper > 1e9 * sure.intervals[1].lower);
    CHECK(sure.sentences[1].find("gamma is not determined: its interval over 6 runs, ") == 0);
    CHECK(sure.sentences[1].find(", is wider than half the range that searches start from") != std::string::npos);
    // Five times the same run.
    const auto plain = known("no-simplicity");
    auto same = made_by(plain, {.5, .4}, 2, {}, 5, warmed_up_and_decayed, 1);
    const auto cells = same.cells;
    for (std::size_t run = 1; run < 5; ++run) {
        same.runs.push_back(same.runs[0]);
        for (auto c : cells) c.run = run, same.cells.push_back(c);
    }
    const auto twins = fit_near(plain, {.5, .4}, same);
    const auto of_twins = r::over_runs(same, twins, r::sandwich(same, twins));
    for (std::size_t p = 0; p < 2; ++p) {
        CHECK(of_twins.effective[p] == doctest::Approx(5));
        CHECK(of_twins.standard_error[p] < 1e-6);
    }
    // One run, and two.
    const auto one = made_by(plain, {.5, .4}, 2, {}, 5, warmed_up_and_decayed, 1), two = made_by(law, {.6, .9, .2}, 2, {}, 5, {}, 2);
    const auto of_one = r::over_runs(one, fit_near(plain, {.5, .4}, one), r::sandwich(one, fit_near(plain, {.5, .4}, one)));
    REQUIRE(of_one.sentences.size() == 1);
    CHECK(of_one.sentences[0].find("there is one run") == 0);
    CHECK(of_one.determined == std::vector<bool>{true, true});
    CHECK(std::isnan(of_one.standard_error[0]));
    const auto of_two = r::over_runs(two, fit_near(law, {.6, .9, .2}, two), r::sandwich(two, fit_near(law, {.6, .9, .2}, two)));
    CHECK(of_two.without.empty());
    CHECK(of_two.sentences.back().find("the 2 runs are too few") == 0);
}

TEST_CASE("a parameter at its bound has its profile's interval, and so have those that were fitted with it held") {
    // Evidence that does not grow: some of the fits have alpha at 1.
    const auto plain = known("no-simplicity");
    std::size_t at_bound = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const auto o = made_by(plain, {1, 30}, 2, {.cells = .5, .sequences = .5}, seed, {}, 1);
        const auto fit = fit_near(plain, {1, 30}, o);
        if (!fit.fixed[0] || fit.fixed[1]) continue;
        ++at_bound;
        const auto around = r::sandwich(o, fit);
        const auto profile = r::profile_intervals(o, fit, around);
        const auto sure = r::over_runs(o, fit, around);
        CHECK(profile[0].upper > profile[0].lower);
        CHECK(profile[1].upper - profile[1].lower > around.intervals[1].upper - around.intervals[1].lower);
        for (std::size_t p = 0; p < 2; ++p) {
            CHECK(sure.intervals[p].lower <= profile[p].lower * (1 + 1e-9));
            CHECK(sure.intervals[p].upper >= profile[p].upper * (1 - 1e-9));
        }
    }
    CHECK(at_bound > 1);
}

TEST_CASE("an optimum that is as good within what runs tell apart is named, and its parameter is not determined; a worse one is not") {
    const auto law = known("published");
    const auto o = made_by(law, {.6, .9, .2}, 2, {.runs = .5}, 11, warmed_up_and_decayed, 9);
    auto fit = fit_near(law, {.6, .9, .2}, o);
    const auto s = r::as_observed(o);
    const auto cells = r::cells_of(o, s, r::is_fitted);
    const r::law_objective objective(law, s.accounts, cells);
    const auto at = [&](std::vector<double> values) {
        const double height = objective.value(objective.to_search(values));
        return r::law_optimum{std::move(values), height};
    };
    // beta is moved and the others follow: a valley's floor. Then a wrong law.
    auto bounds = objective.bounds();
    bounds.lower[2] = bounds.upper[2] = std::log(fit.values[2]) + .08;
    const auto near = objective.from_search(r::projected_newton(objective, objective.to_search(fit.values), bounds).point);
    fit.optima = {at(fit.values), at(near), at({.2, .01, .3})};
    const auto around = r::sandwich(o, fit);
    const auto sure = r::over_runs(o, fit, around);
    REQUIRE(sure.rivals.size() == 1);
    CHECK(sure.rivals[0].values == near);
    CHECK(sure.rivals[0].difference == doctest::Approx(fit.optima[1].objective - fit.objective).epsilon(1e-6));
    CHECK(sure.rivals[0].share > .025);
    CHECK(sure.rivals[0].share < .5);
    CHECK(sure.intervals[2].holds(near[2]));
    CHECK(sure.determined[2] == (std::log(near[2] / fit.values[2]) <= 1.96 * std::sqrt(around.covariance[8])));
    CHECK_FALSE(sure.determined[2]);
    bool named = false;
    for (const auto& sentence : sure.sentences) named = named || sentence.find("another optimum is as good within") == 0;
    CHECK(named);
}

TEST_CASE("a bootstrap of runs draws whole runs, fitted ones and the others apart") {
    auto o = made_by(known("published"), {.6, .9, .2}, 2, {}, 9);
    for (auto& c : o.cells)
        if (c.run > 3) c.role = r::cell_role::held_out_tasks;
        else if (c.at.steps > 10000) c.role = r::cell_role::held_out_steps;
    const auto observed = r::as_observed(o);
    const std::vector<double> w{.3, .7};
    bool repeated = false;
    for (std::uint64_t replicate = 0; replicate < 5; ++replicate) {
        const auto a = r::resample(o, r::draw_bootstrap(o, {.seed = 4, .runs = true}, replicate));
        double fitted = 0, held_out = 0;
        for (std::size_t i = 0; i < o.cells.size(); ++i) {
            CHECK(a.weights[i] == a.weights[o.cells[i].run * 8]);  // all of a run's cells alike
            (o.cells[i].run <= 3 ? fitted : held_out) += a.weights[i] / 8;
            if (a.weights[i] > 0) CHECK(a.losses[i](w) == doctest::Approx(observed.losses[i](w)).epsilon(1e-12));
            repeated = repeated || a.weights[i] > 1;
        }
        CHECK(fitted == doctest::Approx(4));
        CHECK(held_out == doctest::Approx(2));
    }
    CHECK(repeated);
}
