#ifndef RATIONALE_ANALYSIS_REMEMBER_RECORDING_HPP
#define RATIONALE_ANALYSIS_REMEMBER_RECORDING_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "rationale/analysis/own_visits.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/remember.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/program.hpp"

namespace rationale::detail {

/// What one run shows of its precisions.
struct remembered_run {
    observed_run known{};
    std::array<std::vector<predictions>, 2> parts{};     // of each split: the grid's, generalizing, constant
    std::array<std::vector<predictions>, 2> tempered{};  // memorizing with exponents, one for each share of the grid
    std::array<std::vector<std::size_t>, 2> kept{};      // sequences that are looked at
};

/// Above so many numbers in a checkpoint's predictions only its first sequences are looked at.
inline constexpr std::size_t most_remembered = 16384;

/// Exponents of a tempered likelihood go from this one to 1, evenly in their logarithm.
inline constexpr double least_exponent = 1. / 1024;

/// The range's losses, bits and predictions for one run, and with `variants` those of memorizing that trusts the context less.
template <task_family F, class Reader, class Run, executor E>
remembered_run remember_run(const F& family, const Reader& reader, const Run& run, const precision_grid& grid,
                            const std::array<std::vector<std::size_t>, 2>& kept, const loss_options& losses, bool variants,
                            const E& execute) {
    using prior = remembered<seen_tasks<F>>;
    const memory<F> of(family);
    const seen_tasks<F> seen(family, reader.table(), reader.task_weights());
    std::vector<bayes<F, prior>> range;
    remembered_run out;
    out.known.tasks = run.tasks, out.known.seed = run.seed;
    for (double s : grid.share) {
        range.emplace_back(family, prior(family, seen, of.precision(s)));
        out.known.known.complexity.push_back(program_bits<memorizing<F>> + range.back().prior().bits());
    }
    out.known.known.complexity.push_back(run.known.complexity[1]);
    out.known.known.complexity.push_back(run.known.complexity[2]);
    const generalizing<F> generalize(family);
    const constant<F> guess(family);
    const auto predict_range = [&](const typename F::sequences& q) {
        std::vector<predictions> all;
        for (const auto& b : range) all.push_back(predict(b, q, execute, impossible_context::mask));
        all.push_back(predict(generalize, q, execute));
        all.push_back(predict(guess, q, execute));
        return all;
    };
    std::vector<std::optional<double>> exact(grid.size() + 2);
    if constexpr (requires { generalize.expected_loss(seen, reader.context()); })
        exact[grid.size()] = generalize.expected_loss(seen, reader.context());
    if constexpr (requires { guess.expected_loss(seen, reader.context()); })
        exact[grid.size() + 1] = guess.expected_loss(seen, reader.context());
    const auto estimate = estimate_losses(family, predict_range, exact, seen, reader.context(),
                                          {.seed = losses.seed,
                                           .relative_error = 0,
                                           .batch = losses.batch,
                                           .most_sequences = (std::min)(losses.most_sequences, std::size_t{2048})});
    out.known.known.loss = estimate.mean;
    out.known.loss_covariance = covariance_of(estimate);
    for (std::size_t split = 0; split < 2; ++split) {
        if (!reader.has(split) || kept[split].empty()) continue;
        const auto& sequences = reader.sequences(split);
        auto all = predict_range(sequences);
        const std::size_t each = all[0].events() * all[0].outcomes();
        out.kept[split] = kept[split];
        out.kept[split].resize((std::min)(kept[split].size(), (std::max)(std::size_t{8}, most_remembered / each)));
        const auto keep = [&](predictions p, std::vector<predictions>& to) {
            predictions some;
            to.push_back(&subset(p, out.kept[split], some) == &p ? std::move(p) : std::move(some));
        };
        for (auto& p : all) keep(std::move(p), out.parts[split]);
        for (std::size_t q = 0; variants && q < grid.size(); ++q) {
            const bayes<F, tempered<seen_tasks<F>>> weaker(family, tempered(seen, std::pow(least_exponent, 1 - grid.share[q])));
            keep(predict(weaker, sequences, execute, impossible_context::mask), out.tempered[split]);
        }
    }
    return out;
}

/// Mixtures like those that laws of precisions make: single strategies, and smooth humps over the range, alone or with a share for the
/// other two.
inline std::vector<std::vector<double>> precision_probes(const precision_grid& grid) {
    const std::size_t n = grid.size() + 2;
    std::vector<std::vector<double>> out;
    philox rng(1, 0);
    const auto with_others = [&](std::vector<double> range, bool alone) {
        std::vector<double> w(n);
        const double a = alone ? 0 : uniform(rng), b = alone ? 0 : uniform(rng) * uniform(rng) * (1 - a);
        for (std::size_t i = 0; i < range.size(); ++i) w[i] = range[i] * (1 - a - b);
        w[n - 2] = a, w[n - 1] = b;
        out.push_back(std::move(w));
    };
    for (std::size_t q = 0; q < n; ++q) out.emplace_back(n), out.back()[q] = 1;
    for (int i = 0; i < 360; ++i) {
        const double center = 1.4 * uniform(rng) - 0.2, width = std::exp(std::log(0.03) * uniform(rng));
        std::vector<double> hump(grid.size());
        double sum = 0;
        for (std::size_t j = 0; j < hump.size(); ++j)
            sum += hump[j] = grid.width[j] * std::exp(-0.5 * std::pow((grid.share[j] - center) / width, 2)) + 1e-300;
        for (double& x : hump) x /= sum;
        with_others(std::move(hump), i % 2 == 0);
    }
    return out;
}

/// Divergence of a model from the exact Bayes mixture of two strategies, the first with the given prior odds: at a position a strategy's
/// weight is its mass times the evidence that it has for what came before.
inline double from_bayes_mixture(const predictions& model, const predictions& a, const predictions& b, double log_odds) {
    double sum = 0;
    for (std::size_t s = 0; s < model.sequences(); ++s)
        for (std::size_t t = 0; t < model.events(); ++t) {
            const double w = 1 / (1 + std::exp(b.log_evidence(s, t) - a.log_evidence(s, t) - log_odds));
            for (std::size_t k = 0; k < model.outcomes(); ++k) {
                const double h = model.values(s, t, k), mixed = w * a.values(s, t, k) + (1 - w) * b.values(s, t, k);
                if (model.kind == prediction_kind::mean) sum += (h - mixed) * (h - mixed);
                else if (h > 0) sum += h * std::log(h / mixed);
            }
        }
    return sum / static_cast<double>(model.sequences() * model.events());
}
/// The least over the prior odds.
inline double least_of_bayes_mixtures(const predictions& model, const predictions& a, const predictions& b) {
    return least_on_unit([&](double x) { return from_bayes_mixture(model, a, b, 120 * x - 60); }).second;
}
/// The least over the prior odds and over which of `several` is the first.
inline double least_of_bayes_mixtures(const predictions& model, std::span<const predictions> several, const predictions& b) {
    double least = std::numeric_limits<double>::infinity();
    for (const auto& a : several) {
        const auto at = [&](double log_odds) { return from_bayes_mixture(model, a, b, log_odds); };
        constexpr double apart = 4;
        double best = 0, best_at = std::numeric_limits<double>::infinity();
        for (const double log_odds : {-3 * apart, -2 * apart, -apart, 0., apart, 2 * apart, 3 * apart})
            if (const double x = at(log_odds); x < best_at) best = log_odds, best_at = x;
        least = (std::min)({least, best_at, least_between(at, best - apart, best + apart, 16).second});
    }
    return least;
}

/// Adds to an analysis what seen tasks remembered with limited precision say of the recording. `seen` are the observations of its own law,
/// and `role_of(cell, strategies)` tells what a cell is to a law of so many strategies.
template <task_family F, class Readers, class States, class Cells, class RoleOf, class TrainingAt, class Options, class Report, executor E>
void remember_recording(recording_analysis& out, const F& family, const Readers& readers, const States& states, const Cells& cells,
                        const observations& seen, const RoleOf& role_of, const TrainingAt& training_at, const Options& options,
                        const Report& report, const E& execute) {
    report("memory of limited precision", 0, 1);
    constexpr bool own_range = requires { requires std::same_as<generalizing<F>, bayes<F, own_prior_t<F>>>; };
    const precision_grid grid(options.precision_nodes);
    const auto probes = precision_probes(grid);
    std::vector<remembered_run> ranges;
    for (std::size_t i = 0; i < readers.size(); ++i)
        ranges.push_back(remember_run(family, *readers[i], out.runs[i], grid, states[i].kept, options.losses, options.compare, execute));
    std::vector<std::vector<observed_cell>> of_run(readers.size());
    std::vector<std::vector<std::vector<double>>> mixed(readers.size());  // of each cell, for each precision
    std::vector<std::vector<cell_ceilings>> ceilings_of(readers.size());
    execute(readers.size(), [&](std::size_t i) {
        auto c = cells[i].begin();
        for (std::size_t split = 0; split < 2; ++split) {
            if (states[i].parts[split].empty()) continue;
            const auto& parts_of_range = ranges[i].parts[split];
            const mixture_compressor compress(parts_of_range, probes);
            std::vector<std::array<predictions, 2>> pairs;
            for (std::size_t q = 0; q < grid.size(); ++q) pairs.push_back({parts_of_range[q], parts_of_range[grid.size()]});
            std::vector<mixture_compressor> compress_pairs;
            for (const auto& pair : pairs) compress_pairs.emplace_back(std::span<const predictions>(pair));
            predictions some;
            readers[i]->for_each_checkpoint(split, [&](std::size_t, const predictions& recorded) {
                const auto& model = subset(recorded, ranges[i].kept[split], some);
                auto parts = compress.parts(model, sequence_parts);
                auto& ceiling = ceilings_of[i].emplace_back();
                ceiling.bayes_mixture = least_of_bayes_mixtures(model, states[i].parts[split][0], states[i].parts[split][1]);
                if (options.compare) {
                    const std::span<const predictions> precisions(parts_of_range.data(), grid.size());
                    if (own_range) ceiling.some_tasks = least_of_bayes_mixtures(model, precisions, parts_of_range[grid.size()]);
                    std::vector<double> at_exponents;
                    for (const auto& p : ranges[i].tempered[split]) at_exponents.push_back(over_sequences(divergences_from(model, p)));
                    const auto [place, least] = least_on_unit([&](double u) { return at_share(grid, at_exponents, u); });
                    ceiling.exponent = std::pow(least_exponent, 1 - place), ceiling.tempered = least;
                }
                auto& best = mixed[i].emplace_back();
                for (const auto& pair : compress_pairs) best.push_back(mixing_weights(pair(model)).loss);
                of_run[i].push_back({i, training_at(*c), split, role_of(*c, out.law_strategies), std::move(parts)});
                ++c;
            });
        }
        report("memory of limited precision", i + 1, readers.size());
    });
    observations range;
    for (auto& r : ranges) range.runs.push_back(std::move(r.known));
    std::vector<std::vector<double>> with_generalizing;
    std::vector<cell_ceilings> ceilings;
    for (std::size_t i = 0; i < of_run.size(); ++i)
        for (std::size_t k = 0; k < of_run[i].size(); ++k) {
            auto& c = of_run[i][k];
            if (!std::all_of(c.parts.begin(), c.parts.end(), [](const mixture_loss& l) { return l.finite(); })) continue;
            range.cells.push_back(std::move(c));
            with_generalizing.push_back(std::move(mixed[i][k]));
            ceilings.push_back(ceilings_of[i][k]);
        }
    const memory<F> of(family);
    out.memory = remember(
        range, with_generalizing, ceilings, seen, out.fit, grid, own_range, [&](double k) { return of.share(k); },
        [&](double s) { return of.precision(s); },
        [&](std::size_t run, double s) {
            double nats = 0;
            for (std::size_t d = 0; d < out.runs[run].tasks; ++d) nats += of.nats(readers[run]->table(), d, (std::min)(s, 1 - 1e-12));
            return nats / static_cast<double>(out.runs[run].tasks) / std::numbers::ln2;
        },
        options.fit, options.bootstrap, execute);
    out.memory->context = out.runs[0].context;
    if constexpr (F::kind == prediction_kind::distribution && own_range) {
        const seen_tasks<F> seen_by_weight(family, readers[0]->table(), readers[0]->task_weights());
        if (readers.size() == 1 && !seen_by_weight.uniform()) {
            std::vector<weighted_cell> recorded;
            std::array<const typename F::sequences*, 2> sequences{};
            auto c = cells[0].begin();
            for (std::size_t split = 0; split < 2; ++split) {
                if (states[0].parts[split].empty()) continue;
                sequences[split] = &readers[0]->sequences(split);
                predictions some;
                readers[0]->for_each_checkpoint(split, [&](std::size_t, const predictions& all) {
                    recorded.push_back({training_at(*c), split, role_of(*c, out.law_strategies), subset(all, ranges[0].kept[split], some)});
                    ++c;
                });
            }
            auto [visits, account] =
                fit_own_visits(family, seen_by_weight, sequences, ranges[0].kept, recorded, options.bootstrap, execute);
            out.memory->own_visits = visits;
            auto& accounts = out.memory->accounts;  // after the laws
            const auto after = std::find_if(accounts.rbegin(), accounts.rend(), [](const memory_account& a) { return !a.ceiling; }).base();
            accounts.insert(after, std::move(account));
        }
    }
}

}  // namespace rationale::detail

#endif
