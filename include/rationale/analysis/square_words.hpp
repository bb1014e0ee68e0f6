#ifndef RATIONALE_ANALYSIS_SQUARE_WORDS_HPP
#define RATIONALE_ANALYSIS_SQUARE_WORDS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "rationale/analysis/detail/number_words.hpp"
#include "rationale/analysis/recording_analysis.hpp"

namespace rationale::detail {

/// "pair", or "observation".
inline std::string observation_word(const recording_analysis& a) { return a.has_inputs ? "pair" : "observation"; }

/// "reads each observation as if it counted 1.07 times"; of means, whose noise variance is divided by e, "trusts each pair as if the noise
/// were 33 times as strong".
inline std::string reading_in_words(const recording_analysis& a, double trust) {
    const std::string each = " each " + observation_word(a) + " as if ";
    if (trust < 1e-4) return "does not read the context";
    if (!(trust < a.square->greatest_trust))
        return "reads" + each + "it counted at least " + short_number(a.square->greatest_trust, 3) + " times";
    if (a.kind == prediction_kind::mean && trust < 1)
        return "trusts" + each + "the noise were " + plain_number(1 / trust, 2) + " times as strong";
    return "reads" + each + "it counted " + short_number(trust, 3) + " times";
}

/// What is remembered as so many observations of it: the task, or of a chain's "each row of a task".
inline std::string remembered_word(std::size_t rows, const std::string& task = "a task") { return (rows > 1 ? "each row of " : "") + task; }

/// Each run's first or last checkpoint, ID, by D.
inline std::vector<const square_place*> ends_of_training(const recording_analysis& a, bool last) {
    std::vector<const square_place*> out(a.runs.size());
    for (const auto& p : a.square->places)
        if (p.split == split::id && (out[p.run] == nullptr || last)) out[p.run] = &p;
    std::erase(out, nullptr);
    return out;
}

/// kappa = scale (N/D)^exponent and e = trust, fitted.
struct law_of_visits {
    double scale, exponent, trust;
    interval trust_range;  ///< NaN without a bootstrap
};

/// Whether the law trusts the context as much as any that was looked at, so that what it reads is only known to be as much or more.
inline bool searched_to_its_edge(const recording_analysis& a, const law_of_visits& law) { return !(law.trust < a.square->greatest_trust); }

/// How much the context is trusted at first, by the median run, and by a law since the threshold.
inline std::string trust_in_words(const recording_analysis& a, const law_of_visits& law) {
    std::vector<double> first, last;
    for (const auto* p : ends_of_training(a, false)) first.push_back(p->trust);
    for (const auto* p : ends_of_training(a, true)) last.push_back(p->trust);
    std::sort(first.begin(), first.end()), std::sort(last.begin(), last.end());
    const std::string since = a.threshold ? "from step " + std::to_string(*a.threshold) + " on" : std::string("over all of training"),
                      reads = reading_in_words(a, law.trust) + " (e = " +
                              (searched_to_its_edge(a, law) ? short_number(a.square->greatest_trust, 3) + ", the edge of what was searched"
                                                            : short_number(law.trust, 3)) +
                              (std::isnan(law.trust_range.lower) ? "" : ", " + from_to(law.trust_range));
    if (first.empty()) return "The model, " + since + ", " + reads + ").";
    return "At its first checkpoint the model " + reading_in_words(a, first[first.size() / 2]) + "; " + since + " it " + reads +
           (last.size() == 1 ? "; at its last checkpoint " + short_number(last[0], 3)
                             : "; at the last checkpoints " + from_to({last.front(), last.back()})) +
           ").";
}

/// "4", or "4 to 7" where the two differ.
inline std::string words_between(const std::string& from, const std::string& to) { return from == to ? from : from + " to " + to; }

/// The numbers of tasks of the first and the last of these places, once where they are the same.
inline std::vector<std::size_t> least_and_most_tasks(const recording_analysis& a, const std::vector<const square_place*>& ends) {
    const std::size_t least = a.runs[ends.front()->run].tasks, most = a.runs[ends.back()->run].tasks;
    return least == most ? std::vector{least} : std::vector{least, most};
}

/// What is remembered of a task at the end of training, for the least and the most tasks, over all of their runs that tell.
inline std::string memory_in_words(const recording_analysis& a, const std::vector<const square_place*>& ends, const law_of_visits& law) {
    const auto of = [&](std::size_t tasks) {
        std::vector<double> kappas;
        for (const auto* end : ends)
            if (const auto& run = a.runs[end->run]; run.tasks == tasks && end->memory_told)
                kappas.push_back(law.scale * std::pow(mean_visits(run, end->step), law.exponent));
        const std::string with = " with D = " + std::to_string(tasks);
        if (kappas.empty()) return "what it remembers" + with + " cannot be told";
        const auto [least, most] = std::minmax_element(kappas.begin(), kappas.end());
        const auto share = [&](double kappa) { return decimals(100 * kappa / (kappa + a.square->unit), 0); };
        return "it remembers " + remembered_word(a.square->rows) + with + " as " +
               words_between(plain_number(*least, 2), plain_number(*most, 2)) + " " + observation_word(a) + "s of it (" +
               words_between(share(*least), share(*most)) + " % of what it expects of a task is the task's own)";
    };
    std::string out;
    for (const std::size_t tasks : least_and_most_tasks(a, ends)) out += (out.empty() ? "" : "; ") + of(tasks);
    return "By the law of visits, at the end of training, " + out + ".";
}

/// After which steps what is remembered passes what the context gives, kappa = e T over the rows of a task, for the least and the most
/// tasks.
inline std::string passing_in_words(const recording_analysis& a, const std::vector<const square_place*>& ends, const law_of_visits& law) {
    const double given = law.trust * a.square->context, visits = std::pow(given / law.scale, 1 / law.exponent);
    const auto within = [&](const square_place& p) { return law.exponent > 0 && visits <= greatest_visits(a.runs[p.run]); };
    const std::string never = "not within any training of this kind";
    const auto of = [&](std::size_t tasks) {
        const bool some = std::any_of(ends.begin(), ends.end(), [&](const auto* p) { return a.runs[p->run].tasks == tasks && within(*p); });
        return (some ? "after " + step_count(rounded(visits * static_cast<double>(tasks), 3)) : never) +
               " with D = " + std::to_string(tasks);
    };
    std::string out = "What is remembered passes what the context gives, e T " +
                      (a.square->rows > 1 ? "over " + std::to_string(a.square->rows) + " rows " : std::string()) + "= " +
                      plain_number(given, 3) + " " + observation_word(a) + "s, ";
    const std::string times = "when each task was seen " + plain_number(visits, 2) + " times";
    if (std::none_of(ends.begin(), ends.end(), [&](const auto* p) { return within(*p); })) return out + never + ".";
    if (std::any_of(ends.begin(), ends.end(), [&](const auto* p) { return !a.runs[p->run].visits.empty(); })) return out + times + ".";
    if (visits < 1) return out + "before a task is seen once.";
    out += times + ": ";
    const auto which = least_and_most_tasks(a, ends);
    for (std::size_t i = 0; i < which.size(); ++i) out += (i > 0 ? ", " : "") + of(which[i]);
    return out + ".";
}

/// How well a point of the square explains a checkpoint, against the best weight of M and G.
inline std::string point_against_weight(const recording_analysis& a) {
    const auto& table = a.square->after_threshold;
    const auto *point = table.find("best_point"), *weight = table.find("free_weights"), *law = table.find("square_by_visits");
    if (point == nullptr || weight == nullptr) return "";
    const auto against = [&](double role_means::*role, const char* where) {
        return std::isnan(point->mean.*role)
                   ? std::string()
                   : where + short_number(point->mean.*role, 3) + " against " + short_number(weight->mean.*role, 3);
    };
    std::string out = "The best point of memory and trust is " + short_number(point->mean.fitted, 3) +
                      (a.kind == prediction_kind::mean ? " (squared error)" : " nats (KL)") + " from a checkpoint, the best weight of " +
                      a.strategies[0] + " and " + a.strategies[1] + " " + short_number(weight->mean.fitted, 3);
    out += against(&role_means::held_out, "; held out ") + against(&role_means::fitted_ood, "; out of distribution ") +
           against(&role_means::held_out_ood, ", held out ") + ".";
    if (law != nullptr)
        out += " The law of visits, with three numbers for all checkpoints, is " + short_number(law->mean.fitted, 3) + " from them" +
               (std::isnan(law->mean.held_out) ? "" : ", held out " + short_number(law->mean.held_out, 3)) + ".";
    return out;
}

/// What the model has learned to read, what it remembers, and what follows; empty without a square and its law of visits.
inline std::string belief_in_words(const recording_analysis& a) {
    const auto* const row = a.square ? a.square->after_threshold.find("square_by_visits") : nullptr;
    if (row == nullptr) return "";
    const law_of_visits law{row->facts.values[0], row->facts.values[1], row->facts.values[2],
                            row->value_intervals.size() > 2 ? row->value_intervals[2] : interval{}};
    const auto ends = ends_of_training(a, true);
    const std::string mixture = a.square->better == better_account::mixture
                                    ? "A weight of " + a.strategies[0] + " and " + a.strategies[1] +
                                          " in every cell explains this recording better than memory and trust, with one number less. "
                                    : "";
    return mixture + trust_in_words(a, law) + " " + (ends.empty() ? "" : memory_in_words(a, ends, law) + " ") +
           (ends.empty() || searched_to_its_edge(a, law) ? "" : passing_in_words(a, ends, law) + " ") + point_against_weight(a);
}

}  // namespace rationale::detail

#endif
