#ifndef RATIONALE_ANALYSIS_REPORT_WORDS_HPP
#define RATIONALE_ANALYSIS_REPORT_WORDS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "rationale/analysis/detail/number_words.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/regret_words.hpp"
#include "rationale/analysis/square_words.hpp"
#include "rationale/analysis/switches.hpp"

namespace rationale {

namespace detail {
/// Which strategy the model is nearer to at its last checkpoints, for which numbers of tasks: one sentence.
inline std::string nearer_in_words(const recording_analysis& a) {
    const auto all = all_tasks(a);
    const std::string &m = a.strategies[0], &g = a.strategies[1];
    const auto last = last_relative_distances(a);
    std::set<std::size_t> to_m, to_g;
    std::size_t runs_m = 0, runs_g = 0;
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        if (last[i] > 0.5) ++runs_m, to_m.insert(a.runs[i].tasks);
        if (last[i] <= 0.5) ++runs_g, to_g.insert(a.runs[i].tasks);
    }
    const std::string start = "At its last checkpoint the model is ";
    const auto of = [&](const std::set<std::size_t>& tasks) { return tasks.empty() ? "" : " (" + tasks_in_words(tasks, all) + ")"; };
    if (a.runs.size() > 1 && runs_m + runs_g == a.runs.size() && (runs_m == 0 || runs_g == 0))
        return start + "nearer to " + (runs_m > 0 ? m : g) + " in all " + std::to_string(a.runs.size()) + " runs" +
               of(runs_m > 0 ? to_m : to_g) + ".";
    const std::size_t open = a.runs.size() - runs_m - runs_g;
    if (a.runs.size() > 1)
        return start + "nearer to " + m + " in " + std::to_string(runs_m) + " of " + std::to_string(a.runs.size()) + " runs" + of(to_m) +
               " and to " + g + " in " + std::to_string(runs_g) + of(to_g) +
               (open > 0 ? "; its relative distance is undefined in " + std::to_string(open) : "") + ".";
    return start + (runs_m + runs_g == 0 ? "where its relative distance is undefined." : "nearer to " + (runs_m > 0 ? m : g) + ".");
}

/// From when on the model is explained as a mixture, and of what: laws of more than two strategies have no threshold.
inline std::string explained_in_words(const recording_analysis& a) {
    if (a.law_strategies > 2)
        return " From its first checkpoint on it is explained as a mixture of " + std::to_string(a.law_strategies) + " strategies.";
    return a.threshold ? " From step " + std::to_string(*a.threshold) + " on it is explained as a mixture of the two." : std::string();
}

/// The same, from which step on the model is explained, and how many cells are neither.
inline std::string model_in_words(const recording_analysis& a) {
    std::string out = nearer_in_words(a);
    out += explained_in_words(a);
    if (a.neither > 0)
        out += ' ' + std::to_string(a.neither) + " of " + std::to_string(a.cells.size()) + " cells are neither: no mixture of " +
               std::to_string(a.strategies.size()) + " strategies is near.";
    return out;
}

/// "alpha .7 (.6 to .8), beta ...": the law's parameters that are determined over runs, or the others.
inline std::string parameters_in_words(const recording_analysis& a, bool determined) {
    const auto& sure = a.over_runs;
    std::string text;
    for (std::size_t i = 0; i < a.fit.values.size() && i < sure.intervals.size(); ++i)
        if (sure.determined[i] == determined)
            text += (text.empty() ? "" : ", ") + std::string(a.fit.declared()[i].name) + " " + short_number(a.fit.values[i], 3) + " (" +
                    (!is_determined(a.fit, i)              ? "not identifiable"
                     : std::isnan(sure.intervals[i].lower) ? "at its bound"
                                                           : from_to(sure.intervals[i])) +
                    ")";
    return text;
}

/// How far the law's mixture is from the model, fitted and held out, and which parameters the recording determines.
inline std::string certainty_in_words(const recording_analysis& a) {
    const std::string unit = a.kind == prediction_kind::mean ? " (squared error)" : " nats (KL)";
    std::string out;
    for (const auto& s : a.scores) {
        if (s.split != split::id || (s.role != cell_role::fitted && s.role != cell_role::held_out_steps)) continue;
        out += std::string(out.empty() ? "" : " ") + "On " + counted(s.cells, "cell") + " " +
               (s.role == cell_role::fitted ? "that it was fitted to" : "of later steps, held out,") + " the law's mixture is " +
               short_number(s.law_loss, 3) + unit + " from the model; the best weights of " + a.strategies[0] + " and " + a.strategies[1] +
               " in every cell reach " + short_number(s.pair_loss, 3) + ".";
    }
    const std::size_t runs = a.over_runs.runs;
    const std::string known = parameters_in_words(a, true), unknown = parameters_in_words(a, false),
                      over = runs == 1 ? " For this one run" : " Over " + std::to_string(runs) + " runs";
    if (!known.empty())
        out += over + " the recording determines " + (unknown.empty() ? "all parameters of the law: " : "of the law ") + known +
               ", 95 % intervals.";
    if (!unknown.empty())
        out += std::string(known.empty() ? over + " the recording determines no parameter of the law" : " It does not determine ") +
               (known.empty() ? ": " : "") + unknown + ": see the notes.";
    if (runs == 1) out += " With one run nothing tells how parameters differ between runs.";
    return out;
}
}  // namespace detail

/// What the model has learned, what it does, when it switches, how sure that is and what it costs: a sentence or two each.
struct report_words {
    std::string learned;   ///< how it reads the context and what it remembers, one belief with two precisions; empty without
    std::string does;      ///< which strategy the model is nearer to, for which numbers of tasks
    std::string switches;  ///< when one strategy overtakes the other by the law
    std::string sure;      ///< how far the law is from the model, and which parameters are determined
    std::string costs;     ///< what the predictions cost against the strategies and announce, without a law
    std::vector<std::string> contradictions;  ///< of law and observation, a sentence each
};

[[nodiscard]] inline report_words words_of(const recording_analysis& a) {
    return {detail::belief_in_words(a),    detail::model_in_words(a),  detail::crossovers_in_words(a),
            detail::certainty_in_words(a), detail::regret_in_words(a), contradictions_of(a)};
}

}  // namespace rationale

#endif
