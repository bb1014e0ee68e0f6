#ifndef RATIONALE_ANALYSIS_SWITCHES_HPP
#define RATIONALE_ANALYSIS_SWITCHES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "rationale/analysis/detail/number_words.hpp"
#include "rationale/analysis/recording_analysis.hpp"

namespace rationale {

namespace detail {
/// The numbers of tasks of all runs.
inline std::set<std::size_t> all_tasks(const recording_analysis& a) {
    std::set<std::size_t> all;
    for (const auto& r : a.runs) all.insert(r.tasks);
    return all;
}

/// "D = 4", "D = 4 to 256", or "D = 4, 64" where there are others between; `all` are all there are.
inline std::string tasks_in_words(const std::set<std::size_t>& some, const std::set<std::size_t>& all) {
    const auto between = std::count_if(all.begin(), all.end(), [&](std::size_t d) { return d >= *some.begin() && d <= *some.rbegin(); });
    if (some.size() > 2 && static_cast<std::size_t>(between) == some.size())
        return "D = " + std::to_string(*some.begin()) + " to " + std::to_string(*some.rbegin());
    std::string out;
    for (std::size_t d : some) out += (out.empty() ? "D = " : ", ") + std::to_string(d);
    return out;
}

/// Whether the power of D that N* grows with says anything: the prior's parameters, by which N* varies with D, are identifiable, and some
/// N* is a step of training.
inline bool growth_is_told(const recording_analysis& a) {
    const std::size_t first = a.fit.law.evidence_parameters(), last = a.fit.values.size();
    for (std::size_t i = first; i < last; ++i)
        if (!is_determined(a.fit, i)) return false;
    return std::isfinite(a.forecast->exponent) && std::any_of(a.runs.begin(), a.runs.end(), [](const analyzed_run& r) {
               return r.memorizing_leads.what == crossover::outcome::at_steps && r.memorizing_leads.steps >= 1;
           });
}

/// When memorizing overtakes generalizing by the fitted law.
inline std::string crossovers_in_words(const recording_analysis& a) {
    std::set<std::size_t> never, start, within_training, beyond, reverse, before, too_late;
    double first = undefined, last = undefined;
    for (const auto& r : a.runs) {
        const auto& c = r.memorizing_leads;
        const bool late = c.steps > most_extrapolation * last_step(r);
        switch (c.what) {
            case crossover::outcome::never:
                never.insert(r.tasks);
                break;
            case crossover::outcome::from_the_start:
                start.insert(r.tasks);
                break;
            case crossover::outcome::reverse:
                (c.steps < 1 ? never : late ? start : reverse).insert(r.tasks);  // within any training of this kind
                break;
            case crossover::outcome::at_steps:
                const bool within = c.steps >= 1 && c.steps <= last_step(r);
                (within ? within_training : c.within(last_step(r)) ? beyond : c.steps < 1 ? before : too_late).insert(r.tasks);
                if (within && !(first <= c.steps)) first = c.steps;
                if (within && !(last >= c.steps)) last = c.steps;
        }
    }
    const auto all = all_tasks(a);
    std::string when;
    const auto add = [&](const std::set<std::size_t>& tasks, const std::string& what) {
        if (!tasks.empty()) when += (when.empty() ? "" : "; ") + what + " for " + tasks_in_words(tasks, all);
    };
    add(start, "from the start");
    add(before, "before the first step");
    const std::string from = step_text(first), to = step_text(last);
    add(within_training, "after " + (from != to ? from + " to " : "") + step_count(last));
    add(beyond, "only beyond the recorded training");
    add(too_late, "not within any training of this kind");
    add(never, "never");
    add(reverse, "the other way round, first " + a.strategies[0] + " then " + a.strategies[1] + ",");
    std::string out = "By the fitted law " + a.strategies[0] + " overtakes " + a.strategies[1] + " " + when + ".";
    if (a.forecast && growth_is_told(a))
        out += " That step grows as D to the power " + short_number(a.forecast->exponent, 2) +
               (std::isnan(a.forecast->exponent_interval.lower) ? "" : " (95 %: " + from_to(a.forecast->exponent_interval) + ")") + ".";
    return out;
}

/// Whether A leads at a step.
inline bool leads_at(const crossover& c, double step) {
    switch (c.what) {
        case crossover::outcome::never:
            return false;
        case crossover::outcome::from_the_start:
            return true;
        case crossover::outcome::reverse:
            return step < c.steps;
        case crossover::outcome::at_steps:
            return step >= c.steps;
    }
    return false;
}
}  // namespace detail

/// Where the fitted law and the model contradict each other about what leads at the last ID checkpoint: a sentence for the runs whose model
/// is nearer to memorizing and whose law has generalizing lead, and one for the reverse. A model is nearer to one where its relative
/// distance is more than two standard errors from 1/2; runs where it is not are no contradiction.
[[nodiscard]] inline std::vector<std::string> contradictions_of(const recording_analysis& a) {
    std::vector<const analyzed_cell*> last(a.runs.size(), nullptr);
    for (const auto& c : a.cells)
        if (c.split == split::id && (last[c.run] == nullptr || c.step >= last[c.run]->step)) last[c.run] = &c;
    std::vector<std::string> out;
    for (const bool memorizing : {true, false}) {
        std::set<std::size_t> tasks;
        std::vector<double> distances;
        for (const auto* c : last) {
            if (c == nullptr || !c->relative.defined()) continue;
            const auto& run = a.runs[c->run];
            const double toward = memorizing ? c->relative.value - 0.5 : 0.5 - c->relative.value;
            if (!(toward > 2 * c->relative.standard_error) ||
                detail::leads_at(run.memorizing_leads, static_cast<double>(c->step)) == memorizing)
                continue;
            tasks.insert(run.tasks), distances.push_back(c->relative.value);
        }
        if (tasks.empty()) continue;
        const auto [low, high] = std::minmax_element(distances.begin(), distances.end());
        const std::string from = decimals(*low, 2), to = decimals(*high, 2);
        out.push_back("Contradiction: at the last checkpoint " + a.strategies[memorizing ? 1 : 0] + " leads by the law for " +
                      detail::tasks_in_words(tasks, detail::all_tasks(a)) + ", but the model is " + (memorizing ? "already" : "still") +
                      " nearer to " + a.strategies[memorizing ? 0 : 1] + " (relative distance " + from + (from == to ? "" : " to " + to) +
                      ").");
    }
    return out;
}

}  // namespace rationale

#endif
