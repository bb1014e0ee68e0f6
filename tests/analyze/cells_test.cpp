// Every column of cells.csv, and the scores of results.json, made again from their definitions: from the strategies' predictions, the
// model's, and the parameters, losses and complexities that results.json states.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/strategies.hpp"
#include "support/analysis.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

#ifdef RATIONALE_IN_PROCESS  // tests/mutants.py compiles this file alone, and of the families one
#include "rationale/analysis/write_analysis.hpp"
#include "rationale/analysis/write_csv.hpp"
#endif

namespace r = rationale;
using namespace rationale_test;

namespace {
using urns = r::balls_and_urns<>;
using line = r::linear_regression<>;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// What analyze writes of a recording.
void analyze(const std::filesystem::path& in, const std::filesystem::path& out, bool all_strategies = false) {
#ifdef RATIONALE_IN_PROCESS
    r::analysis_options options;
    options.losses.most_sequences = 400;
    options.memory = false;
    if (all_strategies) options.scope = r::law_scope::all_strategies;
    const std::vector<r::recording_analysis> all{analyzed<urns>(r::read_manifest(in), options)};
    std::ofstream(out / "cells.csv") << r::cells_csv(all);
    std::ofstream(out / "results.json") << r::results_json(all, {});
#else
    const auto o =
        run(in.string() + " --loss-sequences 400 --no-memory" + (all_strategies ? " --strategies all" : "") + " -o " + out.string());
    INFO(o.output);
    REQUIRE(o.code == 0);
#endif
}

/// One run as it was recorded: for each split the predictions of M, G and C, the model's at every checkpoint, and which sequences count.
struct recorded_run {
    std::size_t tasks;
    std::int64_t seed;
    r::per_split<std::vector<r::predictions>> strategies, model;
    r::per_split<std::vector<std::size_t>> kept;
    r::per_split<std::function<double(std::size_t, const r::predictions&, std::size_t)>> came;  ///< loss of what came
};

const std::vector<std::int64_t> steps{5, 20, 60, 200, 600, 1000, 2000, 3000, 4500, 6000};

/// The model of a checkpoint: from the constant to a mixture that goes over to M with training, the later the more tasks there are, and
/// with an oddity of its own.
r::predictions model_of(const std::vector<r::predictions>& s, double tasks, double n, double oddity) {
    r::predictions out = s[0];
    const double cost = std::numbers::ln2 * (std::pow(4784 + 256 * tasks, .35) - std::pow(4600, .35));
    // Of two tasks it is M itself, which excludes an outcome.
    const double w = tasks == 2 ? 1 : 1 / (1 + std::exp(cost - 1.5 * std::sqrt(n) / (1 + .2 * tasks))),
                 c = tasks == 2 ? 0 : std::exp(-n / (tasks == 6 ? 60 : 15));  // of six it leaves the constant late
    if (tasks == 2) oddity = 0;
    const std::size_t outcomes = out.outcomes();
    for (std::size_t i = 0; i < out.values.size(); ++i) {
        const double g = s[1].values.data()[i], m = std::isnan(s[0].values.data()[i]) ? g : s[0].values.data()[i];
        const std::size_t first = i / outcomes * outcomes;
        // Some of the model's mass lies where G's is one outcome further, or its mean is on the other side of 0.
        const double odd = outcomes > 1 ? s[1].values.data()[first + (i + 1 - first) % outcomes] : -g;
        out.values.data()[i] = (1 - c) * ((1 - oddity) * (w * m + (1 - w) * g) + oddity * odd) + c * s[2].values.data()[i];
    }
    return out;
}

template <class F>
std::vector<recorded_run> record(const std::filesystem::path& folder, const F& family, std::size_t context, const auto& loss_of_what_came,
                                 const std::vector<std::size_t>& all_tasks, std::int64_t seeds) {
    r::recording_writer<F> writer(folder, "made up", family);
    std::vector<recorded_run> runs;
    for (const std::size_t tasks : all_tasks)
        for (std::int64_t seed = 1; seed <= seeds; ++seed) {
            auto table = r::sample_tasks(family, own_prior(family), tasks, 10 * tasks + static_cast<std::size_t>(seed));
            if constexpr (std::same_as<F, urns>)  // what a sequence of another urn may show, none of two shows
                if (tasks == 2)
                    for (std::size_t d = 0; d < 2; ++d) table.tasks(d, 0) += table.tasks(d, 3), table.tasks(d, 3) = 0;
            std::vector<double> weights;
            for (std::size_t d = 0; d < tasks; ++d) weights.push_back(1 / static_cast<double>(1 + d));
            const r::seen_tasks<F> seen(family, table, weights);
            const r::strategies all(r::memorizing<F>(family, seen), r::generalizing<F>(family), r::constant<F>(family));
            const r::per_split<typename F::sequences> q{r::sample_sequences(family, seen, 14, context, 2).sequences,
                                                        r::sample_sequences(family, own_prior(family), 14, context, 3).sequences};
            recorded_run run{tasks, seed, {}, {}, {}, {}};
            for (const auto split : r::splits) {
                run.strategies[split] = r::predict_all(all, q[split], r::sequential{}, r::impossible_context::mask);
                for (std::size_t n = 0; n < steps.size(); ++n)
                    run.model[split].push_back(model_of(run.strategies[split], static_cast<double>(tasks), static_cast<double>(steps[n]),
                                                        seed == 2 && split == r::split::ood ? .5 : .02));
                for (std::size_t s = 0; s < 14; ++s) {
                    const auto values = r::row(std::as_const(run.strategies[split][0].values), s);
                    if (std::none_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) run.kept[split].push_back(s);
                }
                run.came[split] = [=, &family, sequences = q[split]](std::size_t s, const r::predictions& p, std::size_t t) {
                    return loss_of_what_came(family, sequences, s, p, t);
                };
            }
            writer.template add_run<double>({.table = table,
                                             .seed = seed,
                                             .steps = steps,
                                             .task_weights = weights,
                                             .sequences = {q.id, q.ood},
                                             .model = [&](r::split split, std::size_t n) { return run.model[split][n]; }});
            runs.push_back(std::move(run));
        }
    writer.finish();
    return runs;
}

/// Mean over the events of one sequence of what `of(p, q)` sums up over outcomes.
template <class Of>
double mean_of(const r::predictions& a, const r::predictions& b, std::size_t s, const Of& of) {
    double sum = 0;
    for (std::size_t t = 0; t < a.events(); ++t)
        for (std::size_t k = 0; k < a.outcomes(); ++k) sum += of(a.values(s, t, k), b.values(s, t, k));
    return sum / static_cast<double>(a.events());
}
double kl(double p, double q) { return p == 0 ? 0 : q == 0 ? infinity : p * std::log(p / q); }

struct definitions {
    const recorded_run& run;
    r::split split;
    bool means;

    [[nodiscard]] std::vector<double> by_sequence(const r::predictions& a, const r::predictions& b, bool symmetric) const {
        std::vector<double> out;
        for (const std::size_t s : run.kept[split])
            out.push_back(mean_of(a, b, s, [&](double p, double q) {
                if (means) return (p - q) * (p - q);
                return symmetric ? (p == q ? 0 : .5 * (kl(p, q) + kl(q, p))) : kl(p, q);
            }));
        return out;
    }
    static double mean(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); }
    [[nodiscard]] double distance(const r::predictions& a, const r::predictions& b) const { return mean(by_sequence(a, b, true)); }
    [[nodiscard]] double divergence(const r::predictions& a, const r::predictions& b) const { return mean(by_sequence(a, b, false)); }
    [[nodiscard]] double observed_loss(const r::predictions& p) const {
        double sum = 0;
        for (const std::size_t s : run.kept[split])
            for (std::size_t t = 0; t < p.events(); ++t) sum += run.came[split](s, p, t);
        return sum / static_cast<double>(run.kept[split].size() * p.events());
    }
    /// After so many events, sequence by sequence.
    [[nodiscard]] std::vector<double> lost(const r::predictions& p, std::size_t events) const {
        std::vector<double> out;
        for (const std::size_t s : run.kept[split]) {
            double& sum = out.emplace_back();
            for (std::size_t t = 0; t < events; ++t) sum += run.came[split](s, p, t);
        }
        return out;
    }
    [[nodiscard]] double regret(const r::predictions& p, const std::vector<r::predictions>& against, std::size_t events) const {
        auto out = lost(p, events);
        std::vector<double> best(out.size(), std::numeric_limits<double>::infinity());
        for (const auto& q : against)
            for (std::size_t k = 0; k < best.size(); ++k) best[k] = (std::min)(best[k], lost(q, events)[k]);
        for (std::size_t k = 0; k < best.size(); ++k) out[k] -= best[k];
        return mean(out);
    }
    [[nodiscard]] r::predictions mixed(const std::vector<double>& w) const {
        r::predictions out = run.strategies[split][0];
        for (std::size_t i = 0; i < out.values.size(); ++i) {
            out.values.data()[i] = 0;
            for (std::size_t q = 0; q < w.size(); ++q)
                if (w[q] != 0) out.values.data()[i] += w[q] * run.strategies[split][q].values.data()[i];
        }
        return out;
    }
};

/// Places of the outcomes from the smallest to the largest, ties sharing the mean of theirs.
std::vector<double> ranks(const std::vector<double>& x) {
    std::vector<double> out;
    for (double v : x) {
        double below = 0, equal = 0;
        for (double w : x) below += w < v, equal += w == v;
        out.push_back(below + .5 * (equal + 1));
    }
    return out;
}
double correlation(const std::vector<double>& x, const std::vector<double>& y) {
    const double mx = definitions::mean(x), my = definitions::mean(y);
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        xx += (x[i] - mx) * (x[i] - mx), yy += (y[i] - my) * (y[i] - my), xy += (x[i] - mx) * (y[i] - my);
    return xy / std::sqrt(xx * yy);
}

template <class F>
void is_what_it_says(const F& family, std::size_t context, const auto& loss_of_what_came) {
    const temporary_folder in, out;
    const auto runs = record(in.path(), family, context, loss_of_what_came, {2, 3, 6, 12, 24, 48}, 2);
    analyze(in.path(), out.path());
    const auto rows = cells(out.path());
    const auto a = results(out.path())["recordings"][0];
    constexpr bool means = F::kind == r::prediction_kind::mean;
    const std::vector<std::string> names{"memorizing", "generalizing", "constant"};
    REQUIRE(a["strategies"] == nlohmann::json(names));
    REQUIRE(rows.size() == runs.size() * 2 * steps.size());
    const auto close = [](const std::string& found, double expected, double tolerance = 1e-8) {
        CAPTURE(found);
        CAPTURE(expected);
        if (std::isnan(expected)) CHECK(found.empty());
        else if (std::isinf(expected)) CHECK(found == "inf");
        else CHECK(std::abs(number(found) - expected) <= tolerance * (1e-4 + std::abs(expected)));
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double alpha = a["fit"]["parameters"][0]["value"], gamma = a["fit"]["parameters"][1]["value"],
                 beta = a["fit"]["parameters"][2]["value"];
    REQUIRE(a["fit"]["parameters"][0]["name"] == "alpha");
    REQUIRE(a["fit"]["parameters"][1]["name"] == "gamma");
    REQUIRE(a["fit"]["parameters"][2]["name"] == "beta");

    // The threshold: of each run's ID cells the first strictly below min + q (max - min), of the runs the latest.
    std::int64_t threshold = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < runs.size(); ++i, at += 2 * steps.size()) {
        double low = infinity, high = -infinity;
        for (std::size_t n = 0; n < steps.size(); ++n) {
            const std::string& x = rows[at + n].at("interpolation_distance");
            if (!x.empty()) low = (std::min)(low, number(x)), high = (std::max)(high, number(x));
        }
        for (std::size_t n = 0; n < steps.size(); ++n)
            if (const std::string& x = rows[at + n].at("interpolation_distance");
                !x.empty() && number(x) < low + (means ? .1 : .2) * (high - low)) {
                CHECK(a["runs"][i]["threshold_step"] == steps[n]);
                threshold = (std::max)(threshold, steps[n]);
                break;
            }
    }
    CHECK(a["threshold_step"] == threshold);
    REQUIRE(a["runs"].back()["threshold_step"] < threshold);
    std::vector<std::int64_t> remaining;
    for (auto n : steps)
        if (n >= threshold) remaining.push_back(n);
    REQUIRE(remaining.size() > 4);  // so that the last is held out
    const std::int64_t last_step = remaining[(4 * remaining.size() + 4) / 5 - 1];
    const std::size_t last_tasks = 24;  // the fifth of six
    const auto role_of = [&](std::size_t tasks, std::int64_t n) {
        if (n < threshold) return "before threshold";
        if (tasks > last_tasks) return n > last_step ? "held out in N and D" : "held out in D";
        return n > last_step ? "held out in N" : "fitted";
    };

    struct sums {
        double cells = 0, law = 0, best = 0;
        std::vector<double> weight, relative;
    };
    std::map<std::pair<std::string, std::string>, sums> scores;
    std::size_t masked = 0, neither = 0, defined = 0;
    at = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto& known = a["runs"][i]["strategies"];
        const auto loss = [&](std::size_t q) { return known[q]["loss_nats"].template get<double>(); };
        const auto bits = [&](std::size_t q) { return known[q]["complexity_bits"].template get<double>(); };
        for (const auto split : r::splits) {
            const definitions of{runs[i], split, means};
            const auto& s = runs[i].strategies[split];
            masked += 14 - runs[i].kept[split].size();
            CHECK(a["runs"][i]["masked_sequences"][split == r::split::id ? "id" : "ood"] == 14 - runs[i].kept[split].size());
            double widest = 0;  // from one strategy to another, of those that are finite
            for (std::size_t p = 0; p < 3; ++p)
                for (std::size_t q = 0; q < 3; ++q)
                    if (const double d = of.divergence(s[p], s[q]); p != q && std::isfinite(d)) widest = (std::max)(widest, d);
            for (std::size_t n = 0; n < steps.size(); ++n, ++at) {
                const auto& row = rows[at];
                const auto& model = runs[i].model[split][n];
                CAPTURE(runs[i].tasks);
                CAPTURE(runs[i].seed);
                CAPTURE(split);
                CAPTURE(steps[n]);
                CHECK(row.at("tasks") == std::to_string(runs[i].tasks));
                CHECK(row.at("seed") == std::to_string(runs[i].seed));
                CHECK(row.at("step") == std::to_string(steps[n]));
                CHECK(row.at("split") == (split == r::split::id ? "id" : "ood"));
                CHECK(row.at("cell") == role_of(runs[i].tasks, steps[n]));
                for (std::size_t q = 0; q < 3; ++q) {
                    close(row.at("distance_" + names[q]), of.distance(model, s[q]));
                    close(row.at("observed_loss_" + names[q]), of.observed_loss(s[q]));
                }
                close(row.at("observed_loss"), of.observed_loss(model));

                // Regret of a whole sequence, against each strategy and the best of each sequence, and how it grows with the context.
                for (std::size_t q = 0; q < 3; ++q) {
                    const double regret = of.regret(model, {s[q]}, model.events());
                    close(row.at("regret_against_" + names[q]), regret, 1e-6);
                    CHECK(number(row.at("regret_lower_" + names[q])) <= regret + 1e-6);
                    CHECK(number(row.at("regret_upper_" + names[q])) >= regret - 1e-6);
                }
                close(row.at("regret"), of.regret(model, s, model.events()), 1e-6);
                std::vector<double> log_t, log_regret;
                for (std::size_t t = 1; t <= model.events(); ++t)
                    if (const double regret = of.regret(model, s, t); regret > 1e-12 && std::isfinite(regret))
                        log_t.push_back(std::log(static_cast<double>(t))), log_regret.push_back(std::log(regret));
                double products = 0, squared = 0;
                for (std::size_t k = 0; k < log_t.size(); ++k)
                    products += (log_t[k] - of.mean(log_t)) * log_regret[k], squared += std::pow(log_t[k] - of.mean(log_t), 2);
                close(row.at("regret_exponent"), log_t.size() < 2 ? nan : products / squared, 1e-6);

                // Relative distance: 0 = G, 1 = M, the mean over sequences before the ratio; its error leaves out each sequence once.
                const auto to_m = of.by_sequence(model, s[0], true), to_g = of.by_sequence(model, s[1], true),
                           apart = of.by_sequence(s[0], s[1], true);
                const double m = of.mean(to_m), g = of.mean(to_g), between = of.mean(apart), ratio = (g - m) / between;
                const bool finite = std::isfinite(m) && std::isfinite(g) && std::isfinite(between);
                const auto count = static_cast<double>(to_m.size());
                double squares = 0;
                for (std::size_t k = 0; k < to_m.size(); ++k)
                    squares += std::pow((to_g[k] - g) - (to_m[k] - m) - ratio * (apart[k] - between), 2);
                const double error = .5 * std::sqrt(squares / (count - 1) / count) / between;
                const double relative = .5 * (1 + std::clamp(ratio, -1., 1.));
                close(row.at("relative_distance"), finite ? relative : nan);
                close(row.at("relative_distance_error"), finite ? error : nan, 1e-6);
                CHECK(row.at("relative_distance_state") == (!finite       ? "undefined: a divergence is infinite"
                                                            : error > .25 ? "undefined: its standard error exceeds 0.25"
                                                                          : "defined"));
                close(row.at("interpolation_distance"), finite ? of.distance(model, of.mixed({relative, 1 - relative})) : nan, 1e-6);

                // The best mixtures: what is stated is that mixture's divergence, and no neighbour's is less.
                std::vector<double> w;
                for (const auto& name : names) w.push_back(number(row.at("weight_" + name)));
                CHECK(w[0] + w[1] + w[2] == doctest::Approx(1));
                const double best = of.divergence(model, of.mixed(w));
                close(row.at("best_mixture_divergence"), best, 1e-5);  // a compressed loss is right to about 1e-10
                for (std::size_t from = 0; from < 3; ++from)
                    for (std::size_t to = 0; to < 3; ++to) {
                        auto moved = w;
                        const double some = (std::min)(1e-3, moved[from]);
                        moved[from] -= some, moved[to] += some;
                        CHECK(of.divergence(model, of.mixed(moved)) >= best - 1e-9);
                    }
                double low = 0, high = 1;  // golden section: convex
                const auto of_pair = [&](double x) { return of.divergence(model, of.mixed({x, 1 - x})); };
                for (int step = 0; step < 40; ++step) {
                    const double x = high - .6180339887498949 * (high - low), y = low + .6180339887498949 * (high - low);
                    (of_pair(x) <= of_pair(y) ? high : low) = of_pair(x) <= of_pair(y) ? y : x;
                }
                close(row.at("best_pair_divergence"), (std::min)({of_pair(low), of_pair(0), of_pair(1)}), 1e-5);
                close(row.at("unexplained"), best / widest, 1e-5);
                CHECK(row.at("neither") == (best / widest > .1 ? "1" : "0"));
                neither += best / widest > .1;

                // The law, in nats: prior odds by complexity, and what training adds.
                const double prior = -std::numbers::ln2 * (std::pow(bits(0), beta) - std::pow(bits(1), beta)),
                             factor = gamma * std::pow(static_cast<double>(steps[n]), 1 - alpha) * (loss(1) - loss(0)),
                             weight = 1 / (1 + std::exp(-prior - factor));
                close(row.at("log_prior_odds"), prior);
                close(row.at("log_bayes_factor"), factor);
                close(row.at("predicted_memorizing"), weight);
                close(row.at("predicted_generalizing"), 1 - weight);
                CHECK(row.at("predicted_constant").empty());
                const auto law = of.mixed({weight, 1 - weight});
                const double law_divergence = of.divergence(model, law);
                close(row.at("law_divergence"), law_divergence, 1e-6);

                // Agreement of the law's mixture with the model.
                double variation = 0, same = 0, rho = 0, events = 0, residual = 0, total = 0, mean = 0, values = 0;
                for (const std::size_t k : runs[i].kept[split])
                    for (std::size_t t = 0; t < model.events(); ++t) {
                        std::vector<double> x, y;
                        for (std::size_t o = 0; o < model.outcomes(); ++o)
                            x.push_back(model.values(k, t, o)), y.push_back(law.values(k, t, o));
                        for (std::size_t o = 0; o < x.size(); ++o) variation += .5 * std::abs(x[o] - y[o]), mean += x[o], ++values;
                        same += std::max_element(x.begin(), x.end()) - x.begin() == std::max_element(y.begin(), y.end()) - y.begin();
                        if (!means) rho += correlation(ranks(x), ranks(y));
                        ++events;
                    }
                for (const std::size_t k : runs[i].kept[split])
                    for (std::size_t t = 0; means && t < model.events(); ++t)
                        residual += std::pow(model.values(k, t, 0) - law.values(k, t, 0), 2),
                            total += std::pow(model.values(k, t, 0) - mean / values, 2);
                close(row.at("total_variation"), means ? nan : variation / events);
                close(row.at("argmax_agreement"), means ? nan : same / events);
                close(row.at("spearman"), means ? nan : rho / events);
                close(row.at("r_squared"), means ? 1 - residual / total : nan);

                auto& score = scores[{row.at("cell"), row.at("split")}];
                ++score.cells, score.law += law_divergence, score.best += of_pair(.5 * (low + high));
                if (finite && error <= .25) score.weight.push_back(weight), score.relative.push_back(relative), ++defined;
            }
        }
        // N*: where the odds vanish, if that is within reach of the training.
        const double price = std::numbers::ln2 * (std::pow(bits(0), beta) - std::pow(bits(1), beta)), gain = gamma * (loss(1) - loss(0));
        if (const double crossing = std::pow(price / gain, 1 / (1 - alpha)); price > 0 && gain > 0 && crossing > 1 && crossing < 6e5)
            CHECK(a["runs"][i]["crossover_steps"].template get<double>() == doctest::Approx(crossing).epsilon(1e-9));
    }
    CHECK(a["cells_neither"] == neither);
    CHECK(neither > 0);
    CHECK(neither < rows.size() / 2);
    CHECK(defined > rows.size() / 2);
    if (!means) CHECK(masked > 0);

    // Scores: fitted and held-out cells apart, ID and OOD apart; and the fit sees the fitted ID cells and nothing else.
    CHECK(a["scores"].size() == scores.size());
    for (const auto& score : a["scores"]) {
        CAPTURE(score.dump());
        const auto& s = scores.at({score["cells"].template get<std::string>(), score["split"].template get<std::string>()});
        CHECK(score["count"] == s.cells);
        CHECK(score["law_divergence"].template get<double>() == doctest::Approx(s.law / s.cells).epsilon(1e-6));
        if (!score["correlation"].is_null())
            CHECK(score["correlation"].template get<double>() == doctest::Approx(correlation(s.weight, s.relative)).epsilon(1e-7));
    }
    const auto& fitted = scores.at({"fitted", "id"});
    CHECK(a["fit"]["cells"] == fitted.cells);
    CHECK(a["fit"]["objective"].template get<double>() == doctest::Approx(fitted.law / fitted.cells).epsilon(1e-7));
    const auto objective = [&](double x, double y, double z) {  // of alpha, log gamma, log beta
        double sum = 0;
        for (std::size_t i = 0; i < runs.size(); ++i)
            for (std::size_t n = 0; n < steps.size(); ++n) {
                if (std::string(role_of(runs[i].tasks, steps[n])) != "fitted") continue;
                const auto& known = a["runs"][i]["strategies"];
                double odds = 0;
                for (std::size_t q = 0; q < 2; ++q)
                    odds += (q == 0 ? -1 : 1) *
                            (std::exp(y) * std::pow(static_cast<double>(steps[n]), 1 - x) * known[q]["loss_nats"].template get<double>() +
                             std::numbers::ln2 * std::pow(known[q]["complexity_bits"].template get<double>(), std::exp(z)));
                const definitions of{runs[i], r::split::id, means};
                const double w = 1 / (1 + std::exp(-odds));
                sum += of.divergence(runs[i].model.id[n], of.mixed({w, 1 - w}));
            }
        return sum / fitted.cells;
    };
    const double least = objective(alpha, std::log(gamma), std::log(beta));
    CHECK(least == doctest::Approx(fitted.law / fitted.cells).epsilon(1e-9));
    for (double move : {-.03, .03}) {
        if (alpha + move >= 0) CHECK(objective(alpha + move, std::log(gamma), std::log(beta)) - least > 1e-8);
        CHECK(objective(alpha, std::log(gamma) + move, std::log(beta)) - least > 1e-8);
        CHECK(objective(alpha, std::log(gamma), std::log(beta) + move) - least > 1e-8);
    }
}
}  // namespace

TEST_CASE("a law of all strategies is fitted from the first checkpoint on, and to no task count that is held out") {
    const temporary_folder in, out;
    (void)record(
        in.path(), urns({.categories = 4, .concentration = {.6, 1, 2, .8}}), 9,
        [](const auto&, const auto&, std::size_t, const r::predictions&, std::size_t) { return 0.0; }, {3, 6, 12, 24, 48}, 1);
    analyze(in.path(), out.path(), true);
    const auto a = results(out.path())["recordings"][0];
    const std::int64_t threshold = a["threshold_step"];
    std::vector<std::int64_t> remaining;
    std::copy_if(steps.begin(), steps.end(), std::back_inserter(remaining), [&](std::int64_t n) { return n >= threshold; });
    const std::int64_t last = remaining[(4 * remaining.size() + 4) / 5 - 1];
    REQUIRE(threshold > steps[0]);
    double count = 0, divergence = 0;
    for (const auto& row : cells(out.path())) {
        CHECK(number(row.at("predicted_memorizing")) + number(row.at("predicted_generalizing")) + number(row.at("predicted_constant")) ==
              doctest::Approx(1));
        if (row.at("split") != "id" || std::stoul(row.at("tasks")) > 24 || std::stol(row.at("step")) > last) continue;
        ++count, divergence += number(row.at("law_divergence"));
    }
    CHECK(a["fit"]["cells"] == count);
    CHECK(a["fit"]["objective"].get<double>() == doctest::Approx(divergence / count).epsilon(1e-6));
}

TEST_CASE("urns: every column of cells.csv is what its definition gives, with unequal concentrations, weights and masks") {
    is_what_it_says(urns({.categories = 4, .concentration = {.6, 1, 2, .8}}), 9,
                    [](const auto&, const urns::sequences& q, std::size_t s, const r::predictions& p, std::size_t t) {
                        return -std::log(p.values(s, t, static_cast<std::size_t>(q.tokens(s, t))));
                    });
}

#ifndef RATIONALE_IN_PROCESS
TEST_CASE("regression: every column of cells.csv is what its definition gives, with every parameter away from its default") {
    is_what_it_says(line({.dimensions = 3,
                          .noise_variance = .4,
                          .task_variance = 2,
                          .input_variance = .7,
                          .task_mean = {.5, -1, 0},
                          .task_covariance = {1, .5, 0, .5, 2, .3, 0, .3, .8}}),
                    9, [](const auto&, const line::sequences& q, std::size_t s, const r::predictions& p, std::size_t t) {
                        return std::pow(q.y(s, t) - p.values(s, t, 0), 2);
                    });
}
#endif
