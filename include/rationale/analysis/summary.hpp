#ifndef RATIONALE_ANALYSIS_SUMMARY_HPP
#define RATIONALE_ANALYSIS_SUMMARY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/analysis/notes.hpp"
#include "rationale/analysis/print_tables.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/report_words.hpp"
#include "rationale/explanation/explanation_table.hpp"
#include "rationale/number_text.hpp"
#include "rationale/recording/run_reader.hpp"

namespace rationale {

/// How much a summary says.
enum class summary_length {
    brief,   ///< at most `most_summary_lines` lines, unless some irregular list of numbers of tasks takes more
    verbose  ///< the same in words, then every table and note
};

/// Lines of a brief summary, the empty one at its end among them.
inline constexpr std::size_t most_summary_lines = 15;

namespace detail {

/// Words after `first` in lines of at most 118 characters; lines after it are indented.
inline std::vector<std::string> wrapped(std::string first, std::size_t indent, std::string_view text) {
    constexpr std::size_t width = 118;
    std::vector<std::string> lines{std::move(first)};
    bool fresh = true;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix((std::min)(word.size() + 1, text.size()));
        if (!fresh && lines.back().size() + 1 + word.size() > width) lines.emplace_back(indent, ' '), fresh = true;
        (lines.back() += fresh ? "" : " ") += word;
        fresh = false;
    }
    return lines;
}
/// The same under a label, "  Law       published: ...".
inline std::vector<std::string> under_label(std::string label, std::string_view text) {
    constexpr std::size_t indent = 12;
    label.resize(indent, ' ');
    return wrapped(std::move(label), indent, text);
}

/// "From step 1434 on it reads each observation as if it counted 1.07 times and remembers a task as 4.3 (N/D)^0.62 observations of it."
inline std::string belief_in_brief(const recording_analysis& a) {
    const auto* const row = a.square ? a.square->after_threshold.find("square_by_visits") : nullptr;
    if (row == nullptr) return explained_in_words(a);
    if (a.square->better == better_account::mixture) return " A weight of the two in every cell explains it better than memory and trust.";
    const auto& v = row->facts.values;
    return (a.threshold ? " From step " + std::to_string(*a.threshold) + " on it " : std::string(" It ")) + reading_in_words(a, v[2]) +
           " and remembers " + remembered_word(a.square->rows) + " as " + short_number(v[0], 2) + " (N/D)^" + short_number(v[1], 2) + " " +
           observation_word(a) + "s of it.";
}

/// "alpha 0.87, gamma 0.35": the law's parameters of which text(i) says something.
template <class Text>
std::string each_parameter(const recording_analysis& a, const Text& text) {
    std::string out;
    for (std::size_t i = 0; i < a.fit.values.size(); ++i)
        if (const std::string of = text(i); !of.empty())
            out += (out.empty() ? "" : ", ") + std::string(a.fit.declared()[i].name) + " " + of;
    return out;
}

/// Which of the law's parameters the recording determines, whether another optimum is as good, and what intervals are of.
inline std::string certainty_in_brief(const recording_analysis& a) {
    std::vector<std::string> known, unknown;
    for (std::size_t i = 0; i < a.fit.values.size(); ++i)
        (i < a.over_runs.determined.size() && a.over_runs.determined[i] && is_determined(a.fit, i) ? known : unknown)
            .emplace_back(a.fit.declared()[i].name);
    const auto& sure = a.over_runs;
    std::string out = known.empty()     ? "No parameter of the law is determined"
                      : unknown.empty() ? "Every parameter of the law is determined"
                                        : "Of the law " + in_words(known) + (known.size() > 1 ? " are" : " is") + " determined, " +
                                              in_words(unknown) + (unknown.size() > 1 ? " are" : " is") + " not";
    if (sure.runs == 1) out += ", for this one run";
    if (!sure.rivals.empty())
        out +=
            "; another optimum is as good, " + each_parameter(a, [&](std::size_t i) { return short_number(sure.rivals[0].values[i], 3); });
    const std::string runs = std::to_string(sure.runs) + " runs";
    return out + ". 95 % intervals " +
           (!sure.without.empty() ? "over " + runs + "."
            : sure.runs == 1      ? "by the sandwich over cells: nothing tells how other runs differ."
            : sure.runs == 2      ? "by the sandwich over cells, as " + runs + " are too few to leave one out."
                                  : "by the sandwich over cells, as not each of the " + runs + " can be left out.");
}

/// "published, 99 cells: alpha 0.35 [0.18, 0.51], gamma ...".
inline std::string law_in_brief(const recording_analysis& a) {
    const auto text = [&](std::size_t i) {
        const auto& sure = a.over_runs.intervals;
        const std::string value = short_number(a.fit.values[i], 3);
        if (!is_determined(a.fit, i)) return value + " (not identifiable)";
        return value +
               (i < sure.size() && !std::isnan(sure[i].lower)
                    ? " [" + short_number(sure[i].lower, 3) + ", " + short_number(sure[i].upper, 3) + "]"
                    : "") +
               (i < a.fit.at_bound.size() && a.fit.at_bound[i] ? " (its bound)" : "");
    };
    return std::string(a.fit.law.name()) + (a.law_strategies > 2 ? " over " + set_name(a.strategies, a.law_strategies) : std::string()) +
           ", " + counted(a.fit.cells, "cell") + ": " + each_parameter(a, text) + ".";
}

/// Held-out cells of a split, and mean divergences over them of the law's mixture, of the best law of memory and trust, fitted to
/// the same cells, and of the best weights.
struct held_out_scores {
    std::size_t cells = 0;
    double law = undefined, square = undefined, best = undefined;
};
inline held_out_scores held_out_on(const recording_analysis& a, split where) {
    held_out_scores out;
    double law = 0, best = 0;
    for (const auto& c : a.cells) {
        const double of_best = a.law_strategies > 2 ? c.mixing_loss : c.pair_loss;
        // A law that is infinitely far from a cell that a mixture explains counts as that.
        if (c.split != where || c.role == cell_role::fitted || c.role == cell_role::before_threshold || !std::isfinite(of_best)) continue;
        ++out.cells, law += c.law_loss, best += of_best;
    }
    if (out.cells > 0) out.law = law / static_cast<double>(out.cells), out.best = best / static_cast<double>(out.cells);
    if (const auto* const row = a.square ? a.square->after_threshold.find(a.square->law) : nullptr)
        out.square = where == split::id ? row->mean.held_out : row->mean.held_out_ood;
    return out;
}

/// Held-out scores, a line a split.
inline std::vector<std::string> held_out_lines(const recording_analysis& a) {
    std::vector<std::string> out;
    const std::string unit = a.kind == prediction_kind::mean ? "squared error" : "KL in nats";
    for (const split where : splits) {
        const auto s = held_out_on(a, where);
        if (s.cells == 0) continue;
        const auto label = std::string(out.empty() ? "Held out" : "");
        out.push_back(format("  %-10s%-8s the law %-9s ", label.c_str(), where == split::id ? "ID" : "OOD", number(s.law).c_str()) +
                      (std::isnan(s.square) ? std::string() : format("memory and trust %-9s ", number(s.square).c_str())) +
                      format("best weights %-9s (%s, %s)", number(s.best).c_str(), unit.c_str(), counted(s.cells, "cell").c_str()));
    }
    return out.empty() ? under_label("  Held out", "No cells: there are too few checkpoints and numbers of tasks.") : out;
}

/// "9 explanations; the best law on held-out cells is published, 0.25.": on fitted cells where none are held out. Rows come best first.
inline std::string compared_in_brief(const explanation_table& table) {
    const auto& best = table.rows[0];
    const bool held_out = !std::isnan(best.mean.held_out);
    return std::to_string(table.rows.size()) + " explanations; the best law on " + (held_out ? "held-out" : "fitted") + " cells is " +
           best.facts.words + ", " + number(held_out ? best.mean.held_out : best.mean.fitted) + ".";
}

/// What comes before notes: the recording, then the answers; without memory and trust where these would be too long.
inline std::vector<std::string> answers_of(const recording_analysis& a, bool with_belief = true) {
    const auto all = all_tasks(a);
    auto lines = wrapped("", 2,
                         shown(a.name) + ": " + std::to_string(a.runs.size()) + (a.runs.size() == 1 ? " run" : " runs") +
                             " of the family " + a.family + (all.empty() ? "" : ", " + tasks_in_words(all, all)));
    const auto add = [&](const std::vector<std::string>& more) { lines.insert(lines.end(), more.begin(), more.end()); };
    add(under_label("  Does", nearer_in_words(a) + (with_belief ? belief_in_brief(a) : "")));
    std::string switches = crossovers_in_words(a);
    for (const auto& sentence : contradictions_of(a)) switches += " " + sentence;
    add(under_label("  Switches", switches));
    add(under_label("  Sure", certainty_in_brief(a)));
    add(under_label("  Law", law_in_brief(a)));
    add(held_out_lines(a));
    if (!a.comparison.rows.empty() && lines.size() + 2 < most_summary_lines)
        add(under_label("  Compared", compared_in_brief(a.comparison)));
    return with_belief && lines.size() + 2 > most_summary_lines ? answers_of(a, false) : lines;
}

/// Up to three notes that the answers do not have, as far as so many lines go, and how many are left.
inline std::vector<std::string> notes_within(const recording_analysis& a, std::size_t lines) {
    auto said = contradictions_of(a);
    std::size_t left = a.notes.size() - (std::min)(a.notes.size(), said.size());
    for (auto& note : fit_notes_of(a)) said.push_back(std::move(note));
    const auto with = [&](const std::string& notes, std::size_t more) {
        return under_label("  Careful", notes + (more == 0       ? ""
                                                 : notes.empty() ? std::to_string(more) + (more == 1 ? " note" : " notes") + ": --verbose"
                                                                 : " " + std::to_string(more) + " more: --verbose"));
    };
    std::string text;
    std::size_t told = 0;
    for (const auto& note : a.notes) {
        if (told == 3 || std::find(said.begin(), said.end(), note) != said.end()) continue;
        const std::string longer = text + (text.empty() ? "" : " ") + shown(note);
        if (with(longer, left - 1).size() > lines) continue;
        text = longer, ++told, --left;
    }
    return text.empty() && left == 0 ? std::vector<std::string>() : with(text, left);
}
}  // namespace detail

/// What a reader wants to know: what the model does, when it switches, how sure that is, the law with its intervals, scores on held-out
/// cells, and what to be careful with. Intervals are over runs where leaving one out is possible, else the sandwich's.
inline void print_summary(std::ostream& out, const recording_analysis& a, summary_length length = summary_length::brief) {
    auto lines = detail::answers_of(a);
    if (length == summary_length::brief)
        for (auto& line : detail::notes_within(a, most_summary_lines - (std::min)(most_summary_lines, lines.size() + 1)))
            lines.push_back(std::move(line));
    else if (const std::string costs = detail::regret_in_words(a); !costs.empty())
        for (auto& line : detail::under_label("  Costs", costs)) lines.push_back(std::move(line));
    for (const auto& line : lines) out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
    out << '\n';
    if (length == summary_length::verbose) print_tables(out, a);
}

}  // namespace rationale

#endif
