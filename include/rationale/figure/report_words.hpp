#ifndef RATIONALE_FIGURE_REPORT_WORDS_HPP
#define RATIONALE_FIGURE_REPORT_WORDS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/figure/html.hpp"

namespace rationale {

namespace detail {
/// "D = 4", "D = 4 to 256", or "D = 4, 64" where there are others between; `all` are all there are.
inline std::string tasks_in_words(const std::set<std::size_t>& some, const std::set<std::size_t>& all) {
    const auto between = std::count_if(all.begin(), all.end(), [&](std::size_t d) { return d >= *some.begin() && d <= *some.rbegin(); });
    if (some.size() > 2 && static_cast<std::size_t>(between) == some.size())
        return "D = " + std::to_string(*some.begin()) + " to " + std::to_string(*some.rbegin());
    std::string out;
    for (std::size_t d : some) out += (out.empty() ? "D = " : ", ") + std::to_string(d);
    return out;
}
}  // namespace detail

/// What the model does, when it switches, and how sure that is: a sentence or two each.
struct report_words {
    std::string does;      ///< which strategy it is nearer to, for which numbers of tasks
    std::string switches;  ///< when one overtakes the other by the law
    std::string sure;      ///< how far the law is from the model, and which parameters are determined
};

[[nodiscard]] inline report_words words_of(const recording_analysis& a) {
    using namespace detail;
    const std::string &m = a.strategies[0], &g = a.strategies[1];
    std::set<std::size_t> all, to_m, to_g;
    std::size_t runs_m = 0, runs_g = 0;
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        double last = undefined;
        for (const auto& c : a.cells)
            if (c.run == i && c.split == split::id && c.relative.defined()) last = c.relative.value;
        const std::size_t d = a.runs[i].tasks;
        all.insert(d);
        if (last > 0.5) ++runs_m, to_m.insert(d);
        if (last <= 0.5) ++runs_g, to_g.insert(d);
    }
    report_words out;
    const auto ends = [&](std::size_t runs, const std::string& at, const std::set<std::size_t>& tasks) {
        return "nearer to " + at + " in " + std::to_string(runs) + " of " + std::to_string(a.runs.size()) + " runs" +
               (runs > 0 ? " (" + tasks_in_words(tasks, all) + ")" : std::string());
    };
    out.does = "At its last checkpoint the model is ";
    if (a.runs.size() > 1) out.does += ends(runs_m, m, to_m) + " and " + ends(runs_g, g, to_g) + ".";
    else out.does += runs_m + runs_g == 0 ? "where its relative distance is undefined." : "nearer to " + (runs_m > 0 ? m : g) + ".";
    if (a.threshold) out.does += " From step " + std::to_string(*a.threshold) + " on it is explained as a mixture of the two.";
    if (a.neither > 0)
        out.does += ' ' + std::to_string(a.neither) + " of " + std::to_string(a.cells.size()) + " cells are neither: no mixture of " +
                    std::to_string(a.strategies.size()) + " strategies is near.";

    // Runs by what the law says of them.
    std::set<std::size_t> never, start, seen, beyond, reverse, before, too_late;
    double first = undefined, last = undefined;
    for (const auto& r : a.runs) {
        const auto& c = r.memorizing_leads;
        switch (c.what) {
            case crossover::outcome::never:
                never.insert(r.tasks);
                break;
            case crossover::outcome::from_the_start:
                start.insert(r.tasks);
                break;
            case crossover::outcome::reverse:
                reverse.insert(r.tasks);
                break;
            case crossover::outcome::at_steps:
                const bool within = c.steps >= 1 && c.steps <= last_step(r);
                (within ? seen : c.within(last_step(r)) ? beyond : c.steps < 1 ? before : too_late).insert(r.tasks);
                if (within && !(first <= c.steps)) first = c.steps;
                if (within && !(last >= c.steps)) last = c.steps;
        }
    }
    const auto add = [&](const std::set<std::size_t>& tasks, const std::string& what) {
        if (!tasks.empty()) out.switches += (out.switches.empty() ? "" : "; ") + what + " for " + tasks_in_words(tasks, all);
    };
    add(start, "from the start");
    add(before, "before the first step");
    add(seen, first < last ? "after " + step_text(first) + " to " + step_text(last) + " steps" : "after " + step_text(first) + " steps");
    add(beyond, "only beyond the recorded training");
    add(too_late, "not within any training of this kind");
    add(never, "never");
    add(reverse, "the other way round, first " + m + " then " + g + ",");
    out.switches = "By the fitted law " + m + " overtakes " + g + " " + out.switches + ".";
    if (a.forecast && std::isfinite(a.forecast->exponent))
        out.switches += " That step grows as D to the power " + short_number(a.forecast->exponent, 2) +
                        (std::isnan(a.forecast->exponent_interval.lower) ? "" : " (95 %: " + from_to(a.forecast->exponent_interval) + ")") +
                        ".";

    const std::string unit = a.kind == prediction_kind::mean ? " (squared error)" : " nats (KL)";
    for (const auto& s : a.scores) {
        if (s.split != split::id || (s.role != cell_role::fitted && s.role != cell_role::held_out_steps)) continue;
        out.sure += std::string(out.sure.empty() ? "" : " ") + "On " + std::to_string(s.cells) + " cells " +
                    (s.role == cell_role::fitted ? "that it was fitted to" : "of later steps, held out,") + " the law's mixture is " +
                    short_number(s.law_loss, 3) + unit + " from the model; the best weights of " + m + " and " + g +
                    " in every cell reach " + short_number(s.pair_loss, 3) + ".";
    }
    // "alpha .7 (.6 to .8), beta ..." of those parameters that are determined, or of the others.
    const auto& sure = a.over_runs;
    const auto list = [&](bool determined) {
        std::string text;
        for (std::size_t i = 0; i < a.fit.values.size() && i < sure.intervals.size(); ++i)
            if (sure.determined[i] == determined)
                text += (text.empty() ? "" : ", ") + std::string(a.fit.declared()[i].name) + " " + short_number(a.fit.values[i], 3) + " (" +
                        (!is_determined(a.fit, i)              ? "not identifiable"
                         : std::isnan(sure.intervals[i].lower) ? "at its bound"
                                                               : from_to(sure.intervals[i])) +
                        ")";
        return text;
    };
    const std::string known = list(true), unknown = list(false),
                      over = sure.runs == 1 ? " For this one run" : " Over " + std::to_string(sure.runs) + " runs";
    if (!known.empty())
        out.sure += over + " the recording determines " + (unknown.empty() ? "all parameters of the law: " : "of the law ") + known +
                    ", 95 % intervals.";
    if (!unknown.empty())
        out.sure += std::string(known.empty() ? over + " the recording determines no parameter of the law" : " It does not determine ") +
                    (known.empty() ? ": " : "") + unknown + ": see the notes.";
    if (sure.runs == 1) out.sure += " With one run nothing tells how parameters differ between runs.";
    return out;
}

}  // namespace rationale

#endif
