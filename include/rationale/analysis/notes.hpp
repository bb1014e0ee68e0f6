#ifndef RATIONALE_ANALYSIS_NOTES_HPP
#define RATIONALE_ANALYSIS_NOTES_HPP

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/strategy_names.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/switches.hpp"
#include "rationale/number_text.hpp"
#include "rationale/recording/run_reader.hpp"

namespace rationale {

namespace detail {

/// What is to be said of memories of limited precision.
inline void add_notes(std::vector<std::string>& notes, const memory_report& memory) {
    // Without memory of limited precision there, a precision is mixed with copying.
    const auto mean_of = [&](std::string_view key) {
        const auto* const row = memory.explanations.find(key);
        return row ? row->mean : role_means{};
    };
    const bool alone = memory.starts_at_generalizing;
    const auto weight = mean_of("free_weights"), precision = mean_of(alone ? "best_precision" : "best_precision_mixed"),
               tempered = mean_of("best_exponent");
    // "by .1 against .2 ID and .3 against .4 OOD": without what there are no cells for.
    const auto against = [](const char* join, std::initializer_list<std::pair<double, double>> id_and_ood) {
        std::string out;
        const char* split = " ID";
        for (const auto& [x, y] : id_and_ood) {
            if (!std::isnan(x) && !std::isnan(y))
                out += (out.empty() ? "" : join) + significant(x, 3) + " against " + significant(y, 3) + split;
            split = " OOD";
        }
        return out;
    };
    if (!std::isnan(weight.fitted) && !std::isnan(precision.fitted))
        notes.push_back(std::string("Memory: fitted to each cell on its own, ") +
                        (alone ? "a precision" : "a precision and a weight of copying") + " explains the model " +
                        (precision.fitted < weight.fitted ? "better" : "worse") + " than the " +
                        memory.explanations.find("free_weights")->facts.words + ", by " +
                        against(" and ", {{precision.fitted, weight.fitted}, {precision.fitted_ood, weight.fitted_ood}}) + ".");
    const auto* const reference = memory.explanations.find(memory.explanations.reference);
    const auto against_reference = [&](std::string_view key, const std::string& what) {
        const auto* const of = memory.explanations.find(key);
        if (!of || !reference || std::isnan(of->mean.held_out) || std::isnan(reference->mean.held_out)) return;
        const auto &mine = of->mean, &other = reference->mean;
        const bool sure = of->difference.lower > 0 || of->difference.upper < 0;
        notes.push_back("Memory: on held-out cells " + what + (mine.held_out < other.held_out ? " is ahead of the " : " is behind the ") +
                        reference->facts.words + ": " +
                        against(", ", {{mine.held_out, other.held_out}, {mine.held_out_ood, other.held_out_ood}}) +
                        (sure ? "." : "; the difference ID is not sure."));
    };
    against_reference("per_task", "the per-task law");
    against_reference("per_task_one_exponent",
                      std::string("the per-task law over memorizing with one exponent and ") + (alone ? "G" : "copying"));
    if (!memory.priced)
        notes.push_back(
            "Memory: the data give no price for bits, c = 0; by the per-task law the most probable precision is then the one that "
            "errs least, after any training, and is left out (column law_precision of cells.csv).");
    if (memory.sequences < memory.all_sequences)
        notes.push_back("Memory: only the first " + std::to_string(memory.sequences) + " of " + std::to_string(memory.all_sequences) +
                        " sequences of a split are looked at; what it is compared with, memory_pair_divergence of cells.csv too, is of the "
                        "same.");
    if (tempered.fitted < (std::min)(weight.fitted, precision.fitted))
        notes.push_back("Memory: memorizing that trusts the context less, likelihood^exponent with exponents from " +
                        significant(memory.best_exponents.lower, 2) + " to " + significant(memory.best_exponents.upper, 2) +
                        ", explains the model better than both, by " + significant(tempered.fitted, 3) + " ID" +
                        (std::isnan(tempered.fitted_ood) ? "." : " and " + significant(tempered.fitted_ood, 3) + " OOD."));
}

/// Known and unknown programs that meet in one law.
inline void add_program_note(std::vector<std::string>& notes, const recording_analysis& a) {
    const auto unknown_among = [&](std::size_t n) {
        std::vector<std::string> names;
        if (a.runs.empty() || a.runs[0].programs.size() < n) return names;
        for (std::size_t q = 0; q < n; ++q)
            if (!a.runs[0].programs[q]) names.push_back(a.strategies[q]);
        return names.size() < n ? names : std::vector<std::string>();
    };
    const bool in_law = !unknown_among(a.law_strategies).empty();
    if (const auto names = unknown_among(in_law || a.comparison.rows.empty() ? a.law_strategies : a.strategies.size()); !names.empty()) {
        notes.push_back("It is not known how long the program" + std::string(names.size() > 1 ? "s" : "") + " of " + in_words(names) +
                        (names.size() > 1 ? " are" : " is") + ", so complexities" + (in_law ? "" : " in laws of all strategies") +
                        " are those of the strategies' numbers alone.");
    }
}

/// Masked sequences of a split: how large a share of a run's at most, and a sentence, a run each where they are two at most.
struct masking_note {
    double share = 0;
    std::string text{};
};
[[nodiscard]] inline std::vector<masking_note> masking_notes(const recording_analysis& a) {
    std::vector<masking_note> out;
    for (const split split : splits) {
        std::vector<masking_note> of_runs;
        for (const auto& run : a.runs)
            if (const std::size_t masked = run.masked[split]; masked > 0)
                of_runs.push_back({static_cast<double>(masked) / static_cast<double>(run.sequences[split]),
                                   "D = " + std::to_string(run.tasks) + ", seed " + std::to_string(run.seed) + ": " +
                                       std::to_string(masked) + " of " + std::to_string(run.sequences[split]) + " " + words(split) +
                                       " sequences are masked, no seen task explains them."});
        if (of_runs.size() > 2) {
            const auto [least, most] =
                std::minmax_element(of_runs.begin(), of_runs.end(), [](const auto& x, const auto& y) { return x.share < y.share; });
            const std::string from = significant(100 * least->share, 2), to = significant(100 * most->share, 2);
            of_runs = {{most->share, "In " + std::to_string(of_runs.size()) + " of " + std::to_string(a.runs.size()) + " runs " + from +
                                         (from == to ? "" : " to " + to) + " % of the " + words(split) +
                                         " sequences are masked, no seen task explains them."}};
        }
        for (auto& note : of_runs) out.push_back(std::move(note));
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& x, const auto& y) { return x.share > y.share; });
    return out;
}
/// Of what is so much masked it is said early.
inline constexpr double much_masked = 0.25;

/// What a 95 % interval rests on where few samples were drawn: its ends leave out 2.5 % each, of 40 samples one.
inline constexpr std::size_t enough_samples = 100;

/// Best points of the square, or its law, at the edge of what was searched.
inline void add_edge_note(std::vector<std::string>& notes, const recording_analysis& a) {
    if (!a.square) return;
    const auto& places = a.square->places;
    const auto at_edge = std::count_if(places.begin(), places.end(), [&](const auto& p) { return p.trust >= a.square->greatest_trust; });
    const std::string edge = " the edge of what was searched, e = " + significant(a.square->greatest_trust, 3);
    if (const auto* const law = a.square->after_threshold.find("square_by_visits"); law && law->facts.values[2] >= a.square->greatest_trust)
        notes.push_back("The trust of the law of visits, e = " + significant(law->facts.values[2], 3) + ", is at or beyond" + edge +
                        ", so it is that at least.");
    if (at_edge > 0)
        notes.push_back("The best trust of " + std::to_string(at_edge) + " of " + counted(places.size(), "cell") + " is at" + edge +
                        ", so it is that at least.");
}

/// Losses that are not known as well as was asked for.
inline void add_loss_note(std::vector<std::string>& notes, const recording_analysis& a) {
    std::string unsure;
    for (const auto& run : a.runs) {
        if (!run.losses.reached) {
            double worst = 0;
            std::size_t one = 0, other = 1;
            for (std::size_t q = 0; q < run.losses.mean.size(); ++q)
                for (std::size_t r = 0; r < q; ++r)
                    if (const double error = run.losses.difference_error(q, r) / std::abs(run.losses.mean[q] - run.losses.mean[r]);
                        error > worst)
                        worst = error, one = r, other = q;
            // Rounded up, as it is more than was asked for.
            unsure += (unsure.empty() ? " " : ", ") + significant(std::ceil(1e4 * worst) / 100, 4) + " % (" + a.strategies[one] + " and " +
                      a.strategies[other] + ", D = " + std::to_string(run.tasks) + ", seed " + std::to_string(run.seed) + ")";
        }
    }
    if (!unsure.empty()) notes.push_back("Differences of losses are known only to" + unsure + "; --loss-sequences allows more work.");
}

}  // namespace detail

/// What the fit itself has to say: parameters that the data do not determine, other optima, bounds, starts.
[[nodiscard]] inline std::vector<std::string> fit_notes_of(const recording_analysis& a) {
    std::vector<std::string> notes;
    for (const auto& sentence : a.fit.not_identifiable) notes.push_back("Not identifiable: " + sentence + ".");
    for (std::string sentence : a.over_runs.sentences) {
        sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
        notes.push_back(sentence + ".");
    }
    for (std::size_t i = 0; i < a.fit.at_bound.size(); ++i)
        if (a.fit.at_bound[i])
            notes.push_back(std::string(a.fit.declared()[i].name) + " lies at its bound, " + significant(a.fit.values[i]) + ".");
    const auto& open = a.fit.not_identifiable;
    if (a.fit.reached < a.fit.starts && std::find(open.begin(), open.end(), not_converged) == open.end())
        notes.push_back("Of " + std::to_string(a.fit.starts) + " starts of the fit " + std::to_string(a.fit.reached) +
                        " reached the optimum; the others ended at optima that are worse.");
    return notes;
}

/// What a reader must know beside the numbers: what is undefined, what the data do not determine, what was left out. A summary has room for
/// the first of them, those of the fit aside, which its law's line tells.
[[nodiscard]] inline std::vector<std::string> notes_of(const recording_analysis& a) {
    auto notes = a.recording_faults;
    for (auto& sentence : contradictions_of(a)) notes.push_back(std::move(sentence));
    const auto masking = detail::masking_notes(a);
    for (const auto& note : masking)
        if (note.share >= detail::much_masked) notes.push_back(note.text);
    if (a.replicates > 0 && a.replicates < detail::enough_samples)
        notes.push_back("Intervals of " + counted(a.replicates, "bootstrap sample") +
                        " are rough and may exclude what they are of: a 95 % interval takes " + std::to_string(detail::enough_samples) +
                        " at least (--bootstrap).");
    for (auto& sentence : fit_notes_of(a)) notes.push_back(std::move(sentence));
    if (a.infinite_cells > 0)
        notes.push_back(counted(a.infinite_cells, "cell") + (a.infinite_cells == 1 ? " is" : " are") +
                        " left out of fit and scores: the model gives what no strategy does, so every mixture is infinitely far.");
    if (!a.threshold)
        notes.push_back("No run's interpolation distance is ever below its threshold, so none is set and every checkpoint counts.");
    if (a.neither > 0)
        notes.push_back(std::to_string(a.neither) + " of " + std::to_string(a.cells.size()) + " cells are neither: no mixture of the " +
                        std::to_string(a.strategies.size()) + " strategies is near the model (column neither of cells.csv).");
    std::map<std::string, std::size_t> reasons;
    for (const auto& c : a.cells)
        if (!c.relative.defined()) ++reasons[std::string(c.relative.words())];
    for (const auto& [reason, count] : reasons)
        notes.push_back("The relative distance of " + std::to_string(count) + " of " + std::to_string(a.cells.size()) + " cells is " +
                        reason + ".");
    detail::add_program_note(notes, a);
    if (!a.no_memory.empty()) notes.push_back("Memory of limited precision is left out: " + a.no_memory + ".");
    if (!a.no_square.empty()) notes.push_back("Memory and trust are not varied together: " + a.no_square + ".");
    for (const auto& s : a.spread) {
        std::string text = "D = " + std::to_string(s.tasks) + ": " + std::to_string(s.seeds) + " runs differ in their seed alone";
        if (!std::isnan(s.relative_distance))
            text += "; their relative distances have a standard deviation of " + decimals(s.relative_distance, 3);
        if (!std::isnan(s.log_crossover)) text += "; the logarithms of their N* have one of " + decimals(s.log_crossover, 3);
        notes.push_back(text + ".");
    }
    for (const auto& note : masking)
        if (note.share < detail::much_masked) notes.push_back(note.text);
    detail::add_loss_note(notes, a);
    detail::add_edge_note(notes, a);
    if (a.memory) detail::add_notes(notes, *a.memory);
    for (const auto& s : a.scores)
        if (!s.no_correlation.empty())
            notes.push_back("No correlation over the cells " + std::string(words(s.role)) + ", " + words(s.split) + ": " +
                            s.no_correlation + ".");
    return notes;
}

}  // namespace rationale

#endif
