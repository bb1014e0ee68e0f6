#ifndef RATIONALE_ANALYSIS_ANALYZE_RECORDING_HPP
#define RATIONALE_ANALYSIS_ANALYZE_RECORDING_HPP

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/context_rows.hpp"
#include "rationale/analysis/explain.hpp"
#include "rationale/analysis/notes.hpp"
#include "rationale/analysis/observed_loss.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/remember_recording.hpp"
#include "rationale/analysis/scores.hpp"
#include "rationale/analysis/split_state.hpp"
#include "rationale/analysis/strategy_names.hpp"
#include "rationale/analysis/subset.hpp"
#include "rationale/analysis/why_not_fitted.hpp"
#include "rationale/compare/agreement.hpp"
#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/prior/features.hpp"
#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/recording/families.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/strategy/borrowed.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/ngrams.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/usual_strategies.hpp"

namespace rationale {

/// What a law weighs.
enum class law_scope {
    usual,           ///< all strategies where there are others beside memorizing, generalizing and the constant
    first_two,       ///< memorizing and generalizing
    all_strategies,  ///< all, from the first checkpoint on
};

/// What an analysis does and how thoroughly.
struct analysis_options {
    loss_options losses{};                             ///< how the strategies' losses are estimated
    fit_options fit{};                                 ///< how the law is fitted
    any_law law = law_of<published_law>("published");  ///< the law that is fitted
    law_scope scope = law_scope::usual;                ///< which strategies it weighs
    /// A cell is "neither" when its best mixture's divergence from the model exceeds this share of the largest between two strategies.
    double neither_share = 0.1;
    /// How intervals are resampled; with no replicates there is no bootstrap.
    bootstrap_options bootstrap{.replicates = 0, .consecutive = 3};
    /// Fit seen tasks remembered with limited precision, too: of the families that have a memory, which are balls_and_urns,
    /// linear_regression and classification, and of those for which memory<F> is specialised beside them (prior/memory.hpp), where
    /// memorizing<F> and generalizing<F> are among the strategies.
    bool memory = true;
    std::size_t precision_nodes = 16;  ///< of the grid of precisions
    bool compare = false;              ///< fit all known laws, and this one to the other choice of strategies, and score them side by side
    bool forecast = false;             ///< when strategies switch beyond the recording, and a check of such forecasts on its second half
    /// The share q of the interpolation threshold; 0.2 for distributions and 0.1 for means when not given.
    std::optional<double> threshold_share{};
    /// For description lengths; without any they are the raw bits.
    std::vector<compressor> compressors{};
    memory_limit memory_for_arrays{};  ///< what the recording's arrays may take
    /// Called with what is going on and how far it is, from one thread at a time.
    detail::progress_report progress{};
};

namespace detail {

inline agreement agree(const predictions& model, const predictions& mixed) {
    agreement a;
    if (model.kind == prediction_kind::mean) {
        a.r_squared = r_squared({mixed.values.data(), mixed.values.size()}, {model.values.data(), model.values.size()});
    } else {
        a.total_variation = over_sequences(divergences(total_variation{}, model, mixed));
        a.argmax = argmax_agreement(model, mixed);
        a.spearman = mean_spearman(model, mixed);
    }
    return a;
}

/// The loss of all parts together.
inline mixture_loss sum(const std::vector<mixture_loss>& parts) {
    return mixture_loss::weighted_sum(parts, std::vector<double>(parts.size(), 1.0));
}

/// Largest finite mean divergence of one strategy from another: KL, or squared error.
inline double widest_divergence(const std::vector<predictions>& parts) {
    double widest = 0;
    for (const auto& p : parts)
        for (const auto& q : parts) {
            if (&p == &q) continue;
            const double d = over_sequences(divergences_from(p, q));
            if (std::isfinite(d)) widest = (std::max)(widest, d);
        }
    return widest;
}

/// Calls make(family, seen tasks).
struct make_usual_strategies {
    template <class F>
    [[nodiscard]] auto operator()(const F& family, const seen_tasks<F>& seen) const {
        return usual_strategies(family, seen);
    }
};

}  // namespace detail

/// The rational analysis of a recording of family F: estimates the strategies' losses and description lengths for each run, measures where
/// the model stands between them at every checkpoint, fits the law to the in-distribution cells at or after the threshold and scores it,
/// fitted and held-out cells apart. Results do not depend on the executor. Memory: for each thread a checkpoint and the strategies'
/// predictions of its sequences, and for each checkpoint some 100 kB. `make_strategies(family, seen tasks)` gives the strategies of a run:
/// memorizing and generalizing, or what stands for them, then any others, for instance of your own. Throws recording_error for a faulty
/// recording and std::invalid_argument when there are too few cells to fit.
template <task_family F, executor E = sequential, class Make = detail::make_usual_strategies>
[[nodiscard]] recording_analysis analyze_recording(const manifest& m, const analysis_options& options = {}, const E& execute = {},
                                                   const Make& make_strategies = {}) {
    using strategies_type = std::invoke_result_t<const Make&, const F&, const seen_tasks<F>&>;
    constexpr std::size_t count = strategies_type::size;
    static_assert(count >= 2, "rationale::analyze_recording: there must be two strategies at least, memorizing and generalizing");
    const F family = family_of<F>(m);
    const detail::progress_report report = [&](const std::string& stage, std::size_t done, std::size_t of) {
        if (options.progress) options.progress(stage, done, of);
    };
    recording_analysis out;
    out.folder = m.folder.string(), out.name = m.name, out.family = std::string(F::name), out.kind = F::kind;
    for (const auto* part : {&m.parameters, &m.model, &m.training})
        for (const auto& [key, value] : part->items())
            if (value.is_number()) out.settings.emplace_back(key, value.template get<double>());

    auto entries = m.runs;
    std::sort(entries.begin(), entries.end(),
              [](const run_entry& a, const run_entry& b) { return std::pair(a.tasks, a.seed) < std::pair(b.tasks, b.seed); });
    std::vector<std::unique_ptr<run_reader<F>>> readers;
    if (m.state != file_state{}) out.files.push_back({m.file(), m.state});
    auto room = options.memory_for_arrays;
    std::map<std::string, std::string> file_of;
    for (const auto& entry : entries) {
        const auto& reader = *readers.emplace_back(std::make_unique<run_reader<F>>(m, entry, family, room));
        room.bytes -= reader.bytes();
        out.files.push_back(reader.source());
        if (const auto [other, first] = file_of.emplace(reader.checksums(), reader.file()); !first)
            throw recording_error(reader.file() + ": holds the same arrays as " + other->second +
                                  ", expected a file for each run: one run counts once");
    }

    // What the learner knows of each run.
    std::vector<strategies_type> strategies_of;
    for (std::size_t i = 0; i < readers.size(); ++i) {
        report("losses and complexities", i, readers.size());
        const auto& reader = *readers[i];
        const seen_tasks<F> seen(family, reader.table(), reader.task_weights());
        const auto& all = strategies_of.emplace_back(make_strategies(family, seen));
        if (i == 0)
            for (const auto name : all.names()) detail::add_name(out.strategies, std::string(name));
        analyzed_run run{.file = entries[i].file,
                         .tasks = entries[i].tasks,
                         .seed = entries[i].seed,
                         .context = reader.context(),
                         .steps = reader.steps(),
                         .train_loss = reader.train_loss()};
        try {
            run.losses = estimate_losses(all, seen, reader.context(), options.losses, execute);
        } catch (const std::domain_error& e) {
            throw std::invalid_argument(std::string(e.what()) + "; strategies are " + detail::in_words(out.strategies) + ", from 0, for " +
                                        std::to_string(run.tasks) + " tasks" + detail::excluding_parameters(family));
        }
        for (std::size_t q = 0; q < count; ++q)
            if (!std::isfinite(run.losses.mean[q]))
                throw std::invalid_argument(
                    "rationale::analyze_recording: the expected loss of " + out.strategies[q] + " for " + std::to_string(run.tasks) +
                    " tasks is not finite: it gives probability 0, or what no double holds, to what these tasks produce" +
                    detail::excluding_parameters(family));
        run.known.loss = run.losses.mean;
        run.known.covariate = detail::covariate_of(entries[i], out.strategies, m);
        all.for_each([&]<class S>(std::size_t, const S& s) {
            run.descriptions.push_back(description_length(s.numbers(), options.compressors, execute));
            run.programs.push_back(program_bits<S>);
        });
        out.runs.push_back(std::move(run));
    }

    const bool with_all =
        count > 2 && (options.scope == law_scope::all_strategies || (options.scope == law_scope::usual && has_others(out.strategies)));
    const bool other_choice = options.compare && count > 2;
    out.law_strategies = with_all ? count : 2;
    for (auto& run : out.runs) {
        run.known.complexity = first_complexities(run, out.law_strategies);
        for (std::size_t q = out.law_strategies; q < count; ++q)
            run.known.complexity.push_back(run.descriptions[q].bits + run.programs[q].value_or(0));
    }

    // Where the model stands between them, split by split of each run. Predictions of the strategies are made again for each pass over the
    // model's: those of all runs may not fit in memory.
    std::vector<detail::split_state> states(2 * readers.size());
    const auto predict_kept = [&](std::size_t run_split) {
        const auto sequences = detail::subset(readers[run_split / 2]->sequences(run_split % 2), states[run_split].kept);
        return predict_all(strategies_of[run_split / 2], sequences, sequential{}, impossible_context::mask);
    };
    const auto in_turn = [&](const char* stage, const auto& visit) {
        std::atomic<std::size_t> finished{0};
        std::mutex reporting;
        execute(states.size(), [&](std::size_t run_split) {
            visit(run_split);
            const std::lock_guard<std::mutex> lock(reporting);
            report(stage, ++finished, states.size());
        });
    };
    in_turn("distances", [&](std::size_t run_split) {
        const std::size_t i = run_split / 2, split = run_split % 2;
        const auto& reader = *readers[i];
        auto& state = states[run_split];
        if (!reader.has(split)) return;
        auto parts = predict_all(strategies_of[i], reader.sequences(split), sequential{}, impossible_context::mask);
        state.excluding.resize(count);
        for (std::size_t s = 0; s < parts[0].sequences(); ++s) {
            bool kept = true;
            for (std::size_t q = 0; q < count; ++q) {
                const auto values = row(parts[q].values, s);
                const bool excluded = std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
                state.excluding[q] += excluded;
                kept = kept && !excluded;
            }
            if (kept) state.kept.push_back(s);
        }
        out.runs[i].masked[split] = parts[0].sequences() - state.kept.size();
        if (state.kept.empty()) return;  // the split has no cells for this run; the mask is counted and noted
        for (auto& p : parts) {
            predictions some;
            if (&detail::subset(p, state.kept, some) != &p) p = std::move(some);
            out.runs[i].observed_loss[split].push_back(detail::observed_loss(family, reader.sequences(split), state.kept, p));
        }
        const auto pair = std::span(std::as_const(parts)).first(2);
        const mixture_compressor compress_pair(pair), compress_all(parts);
        const auto apart = default_divergences(parts[0], parts[1]);
        const double widest = detail::widest_divergence(parts);
        predictions some;
        reader.for_each_checkpoint(split, [&](std::size_t n, const predictions& recorded) {
            const auto& model = detail::subset(recorded, state.kept, some);
            analyzed_cell c{.run = i, .step = reader.steps()[n], .split = split};
            c.observed_loss = detail::observed_loss(family, reader.sequences(split), state.kept, model);
            std::vector<ndarray<double, 1>> to;
            for (const auto& p : parts)
                to.push_back(default_divergences(model, p)), c.distance.push_back(detail::over_sequences(to.back()));
            c.relative = relative_distance(detail::entries(to[0]), detail::entries(to[1]), detail::entries(apart));
            // float32 leaves about 1e-14 of the strategies' distance: an exact mixture has none.
            if (!std::isnan(c.relative.value))
                c.interpolation_distance =
                    detail::over_sequences(default_divergences(model, mixture(pair, std::array{c.relative.value, 1 - c.relative.value})));
            if (c.interpolation_distance < 1e-9 * detail::over_sequences(apart)) c.interpolation_distance = 0;
            auto of_pair = compress_pair.parts(model, detail::sequence_parts);
            auto of_all = with_all || other_choice ? compress_all.parts(model, detail::sequence_parts) : std::vector{compress_all(model)};
            const auto best = mixing_weights(detail::sum(of_all));
            c.mixing_weights = best.weights, c.mixing_loss = best.loss;
            c.unexplained = widest > 0 ? best.loss / widest : undefined;
            c.neither = c.unexplained > options.neither_share;
            c.pair_loss = mixing_weights(detail::sum(of_pair)).loss;
            if (with_all) std::swap(of_pair, of_all);
            state.losses.push_back(std::move(of_pair));
            if (other_choice) state.other_losses.push_back(std::move(of_all));
            state.cells.push_back(std::move(c));
        });
    });

    // Threshold and split.
    const double share = options.threshold_share.value_or(F::kind == prediction_kind::mean ? 0.1 : 0.2);
    for (std::size_t i = 0; i < readers.size(); ++i) {
        std::vector<double> distance;
        for (const auto& c : states[2 * i].cells) distance.push_back(c.interpolation_distance);
        if (const auto at = interpolation_threshold(distance, share)) out.runs[i].threshold = out.runs[i].steps[*at];
        if (out.runs[i].threshold) out.threshold = (std::max)(out.threshold.value_or(0), *out.runs[i].threshold);
    }
    std::vector<std::size_t> tasks;
    std::vector<std::int64_t> steps;
    for (const auto& run : out.runs) {
        tasks.push_back(run.tasks);
        steps.insert(steps.end(), run.steps.begin(), run.steps.end());
    }
    const fit_split split_of(tasks, steps, out.threshold);

    // The fit, how sure it is, and what follows from it.
    const auto schedule = m.schedule();
    const auto training_at = [&](const analyzed_cell& c) {
        return training{.steps = static_cast<double>(c.step), .tasks = static_cast<double>(out.runs[c.run].tasks), .schedule = schedule};
    };
    const auto role_of = [&](const analyzed_cell& c, std::size_t strategies) {
        const std::size_t d = out.runs[c.run].tasks;
        const auto role = split_of.role(d, c.step);
        // A model that still starts to learn is explained with all strategies at hand.
        return strategies > 2 && role == cell_role::before_threshold && d <= split_of.last_fitted_tasks() ? cell_role::fitted : role;
    };
    const auto observe = [&](std::size_t strategies, auto detail::split_state::*losses) {
        observations o;
        for (const auto& run : out.runs) o.runs.push_back(detail::first_strategies(run, strategies));
        for (auto& state : states)
            for (std::size_t n = 0; n < state.cells.size(); ++n) {
                const auto& c = state.cells[n];
                auto& parts = (state.*losses)[n];
                if (std::all_of(parts.begin(), parts.end(), [](const mixture_loss& l) { return l.finite(); }))
                    o.cells.push_back({c.run, training_at(c), c.split, role_of(c, strategies), std::move(parts)});
            }
        return o;
    };
    std::size_t all_cells = 0;
    for (auto& state : states)
        for (auto& c : state.cells) c.role = split_of.role(out.runs[c.run].tasks, c.step), ++all_cells;
    const observations seen = observe(out.law_strategies, &detail::split_state::losses);
    out.infinite_cells = all_cells - seen.cells.size();
    const auto sample = as_observed(seen);
    report("fit", 0, 1);
    try {
        detail::check_enough_cells(out, states, seen, options.law);
        out.fit = fit_law(options.law, sample.accounts, cells_of(seen, sample, is_fitted), options.fit);
    } catch (const std::invalid_argument& e) {
        throw std::invalid_argument(e.what() + detail::why_not_fitted(family, out, states));
    }
    analysis_options resampling = options;
    if (!options.bootstrap.runs) {
        std::set<std::size_t> fitted;
        for (const auto& c : seen.cells)
            if (is_fitted(c)) fitted.insert(c.run);
        resampling.bootstrap.runs = fitted.size() >= enough_runs;
    }
    const observations others = other_choice ? observe(with_all ? 2 : count, &detail::split_state::other_losses) : observations{};
    detail::explain(out, seen, others, {resampling.bootstrap, options.fit, options.compare, options.forecast}, report, execute);

    // What else is fitted to the cells has no more parameters than the published law.
    const any_law usual_law = law_of<published_law>();
    const auto enough = [&](const observations& o) {
        return static_cast<std::size_t>(std::count_if(o.cells.begin(), o.cells.end(), is_fitted)) >= usual_law.parameters().size();
    };
    const observations& of_two = with_all ? others : seen;
    if (options.compare) {
        std::size_t numbers = 0;
        for (std::size_t run_split = 0; run_split < states.size(); ++run_split)
            if (const auto& state = states[run_split]; !state.kept.empty())
                numbers += state.cells.size() * state.kept.size() *
                           family.view(readers[run_split / 2]->sequences(run_split % 2), 0).events() * family.outcomes();
        if (enough(of_two) && F::prediction_shape.find('T') != std::string_view::npos && numbers <= detail::most_numbers_in_memory) {
            report("context-dependent weights", 0, 1);
            std::vector<std::vector<detail::context_cell>> recorded(states.size());
            std::vector<std::vector<predictions>> parts(states.size());
            execute(states.size(), [&](std::size_t run_split) {
                const auto& state = states[run_split];
                if (state.kept.empty()) return;
                parts[run_split] = predict_kept(run_split);
                predictions some;
                readers[run_split / 2]->for_each_checkpoint(run_split % 2, [&](std::size_t n, const predictions& all) {
                    const auto& c = state.cells[n];
                    recorded[run_split].push_back({c.run, c.split, c.role, training_at(c), detail::subset(all, state.kept, some)});
                });
            });
            const auto two = as_observed(of_two);
            const auto published = fit_law(usual_law, two.accounts, cells_of(of_two, two, is_fitted), options.fit);
            detail::add_context_rows(out, published.values, recorded, parts, options.bootstrap.seed, execute);
        }
    }

    if (options.memory) {
        constexpr std::size_t memorizes = detail::place_in<memorizing<F>, strategies_type>,
                              generalizes = detail::place_in<generalizing<F>, strategies_type>,
                              guesses = detail::place_in<constant<F>, strategies_type>;
        if constexpr (!requires { memory<F>(family); }) {
            out.no_memory = "the family " + out.family + " has none";
        } else if constexpr (memorizes == count || generalizes == count) {
            out.no_memory = std::string(memorizes == count ? "memorizing" : "generalizing") + " is not among the strategies";
        } else if (!enough(seen)) {
            out.no_memory = "its laws have more parameters than there are cells to fit";
        } else {
            const detail::memory_places places{memorizes, generalizes, guesses < count ? std::optional(guesses) : std::nullopt};
            const auto predict_strategies = [&](std::size_t run, const typename F::sequences& sequences) {
                auto all = predict_all(strategies_of[run], sequences, sequential{}, impossible_context::mask);
                all.resize(out.law_strategies);
                return all;
            };
            detail::remember_recording(out, family, readers, states, seen, places, role_of, training_at, predict_strategies, resampling,
                                       report, execute);
        }
    }

    // What the law says of every cell; the predictions are read once more to compare them with its mixture.
    in_turn("agreement", [&](std::size_t run_split) {
        const std::size_t i = run_split / 2, split = run_split % 2;
        auto& state = states[run_split];
        if (state.kept.empty()) return;
        const auto first = [&] { return family.view(readers[i]->sequences(0), states[2 * i].kept[0]); };
        auto& trace = out.runs[i].trace;
        const auto all = predict_kept(run_split);
        if (split == 0) trace = detail::start_trace<F>(first(), all, 0);
        const auto parts = std::span(all).first(out.law_strategies);
        predictions some;
        readers[i]->for_each_checkpoint(split, [&](std::size_t n, const predictions& recorded) {
            const auto& model = detail::subset(recorded, state.kept, some);
            auto& c = state.cells[n];
            const auto log_p = out.fit.law.log_posterior(out.fit.values, sample.accounts[i], training_at(c));
            const auto weight = softmax(log_p);
            c.predicted = weight;
            c.log_bayes_factor =
                out.fit.law.exposure(out.fit.values, training_at(c)) * (sample.accounts[i].loss[1] - sample.accounts[i].loss[0]);
            c.log_prior_odds = log_p[0] - log_p[1] - c.log_bayes_factor;
            const auto mixed = mixture(parts, weight);
            if (split == 0) trace.moments.push_back({c.step, detail::said_of<F>(first(), model, 0), detail::said_of<F>(first(), mixed, 0)});
            c.law_loss =
                (std::max)(detail::over_sequences(divergences_from(model, mixed)), 0.0);  // 0 of an exact mixture, but for rounding
            c.with_law = detail::agree(model, mixed);
        });
    });
    for (std::size_t i = 0; i < readers.size(); ++i) {
        out.runs[i].memorizing_leads = crossover_steps(out.fit.law, out.fit.values, sample.accounts[i], 0, 1,
                                                       {.tasks = static_cast<double>(out.runs[i].tasks), .schedule = schedule});
    }
    for (auto& state : states) {
        for (const auto& c : state.cells) out.neither += c.neither;
        out.cells.insert(out.cells.end(), std::make_move_iterator(state.cells.begin()), std::make_move_iterator(state.cells.end()));
    }
    out.spread = detail::spread_of(out);
    out.scores = detail::scores_of(out);
    out.notes = notes_of(out);
    for (const auto& file : out.files) file.require_unchanged();
    return out;
}

/// The same for whichever of the families the manifest names. Throws recording_error where it names none of them.
template <class Families = known_families, executor E = sequential>
[[nodiscard]] recording_analysis analyze_any(const manifest& m, const analysis_options& options = {}, const E& execute = {}) {
    recording_analysis out;
    Families::visit(m, [&]<class F>(std::type_identity<F>) { out = analyze_recording<F>(m, options, execute); });
    return out;
}

}  // namespace rationale

#endif
