#ifndef RATIONALE_ANALYSIS_REGRET_WORDS_HPP
#define RATIONALE_ANALYSIS_REGRET_WORDS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "rationale/analysis/detail/number_words.hpp"
#include "rationale/analysis/recording_analysis.hpp"

namespace rationale::detail {

/// The unit of regret and gap.
inline std::string regret_unit(const recording_analysis& a) {
    return a.kind == prediction_kind::mean ? "squared error a sequence" : "nats a sequence";
}

/// " (10 to 1000)", behind a number; nothing where there is no interval, or one without length.
inline std::string behind_it(const interval& x) {
    return x.lower < x.upper ? " (" + plain_number(x.lower, 3) + " to " + plain_number(x.upper, 3) + ")" : "";
}

/// The regret of each run's last checkpoint on a split, by run; none of runs without the split.
inline std::vector<const regret_cell*> last_regrets(const recording_analysis& a, split where) {
    std::vector<const regret_cell*> last(a.runs.size(), nullptr);
    for (const auto& c : a.regret.cells)
        if (c.split == where) last[c.run] = &c;
    std::erase(last, nullptr);
    return last;
}

/// "At the last checkpoint the model's loss on a sequence is 4.1 to 31 nats above that of the strategy that is best on it in hindsight".
inline std::string last_regrets_in_words(const recording_analysis& a) {
    std::string out;
    for (const split where : splits) {
        const auto last = last_regrets(a, where);
        if (last.empty()) continue;
        const auto by_regret = [](const auto* x, const auto* y) { return x->hindsight.value < y->hindsight.value; };
        const auto [least, most] = std::minmax_element(last.begin(), last.end(), by_regret);
        const std::string from = plain_number((*least)->hindsight.value, 2), to = plain_number((*most)->hindsight.value, 2);
        const auto sublinear = std::count_if(last.begin(), last.end(), [](const auto* c) { return c->trend.sublinear(); });
        const bool events = std::any_of(last.begin(), last.end(), [](const auto* c) { return !std::isnan(c->trend.exponent.value); });
        const std::string start = where == split::id ? "At the last checkpoint the model's loss on a sequence is "
                                  : out.empty()      ? "Out of distribution the model's loss on a sequence is at the last checkpoint "
                                                     : " Out of distribution it is ";
        out += start + from + (from == to ? "" : " to " + to) +
               (out.empty() ? std::string(a.kind == prediction_kind::mean ? " (squared error)" : " nats") +
                                  " above that of the strategy that is best on it in hindsight"
                            : " above") +
               (events ? "; this grows more slowly than the context in " + std::to_string(sublinear) + " of " +
                             std::to_string(last.size()) + (last.size() == 1 ? " run." : " runs.")
                       : ".");
    }
    return out;
}

/// Where the gap between fresh and seen tasks turns along training, and over numbers of tasks.
inline std::string gap_in_words(const recording_analysis& a) {
    std::string out;
    if (const auto& over = a.regret.over_tasks)
        out += " The gap between fresh and seen tasks is largest at D = " + plain_number(over->peak_tasks, 2) +
               behind_it(over->peak_within) + ", " + plain_number(over->height.value, 2) + " a sequence" + behind_it(over->height.within) +
               ".";
    const auto turning = std::count_if(a.regret.turns.begin(), a.regret.turns.end(), [](const auto& t) { return !t.turns.empty(); });
    if (!a.regret.turns.empty())
        out += " Along training " + std::string(out.empty() ? "the gap between fresh and seen tasks" : "it") + " turns in " +
               std::to_string(turning) + " of " + std::to_string(a.regret.turns.size()) + (a.regret.turns.size() == 1 ? " run." : " runs.");
    return out;
}

/// How many switches were announced, of those that could be watched, and how many were announced that did not come.
inline std::string warnings_in_words(const recording_analysis& a) {
    std::size_t passed = 0, announced = 0, stayed = 0, alarms = 0;
    for (const auto& w : a.regret.warnings) (w.passes ? passed : stayed) += 1, (w.passes ? announced : alarms) += w.announced();
    std::string out;
    if (passed > 0)
        out += " Early warning signals announced " + std::to_string(announced) + " of " + std::to_string(passed) +
               (passed == 1 ? " switch" : " switches") + " with enough checkpoints before it";
    if (stayed > 0)
        out += std::string(passed > 0 ? "; they" : " Early warning signals") + " were false alarms in " + std::to_string(alarms) + " of " +
               std::to_string(stayed) + (stayed == 1 ? " run" : " runs") + " without a switch";
    return out.empty() ? out : out + ".";
}

/// What the predictions cost and announce, without a law; empty where there are none.
inline std::string regret_in_words(const recording_analysis& a) {
    return last_regrets_in_words(a) + gap_in_words(a) + warnings_in_words(a);
}

}  // namespace rationale::detail

#endif
