#ifndef RATIONALE_FIGURE_REPORT_TABLES_HPP
#define RATIONALE_FIGURE_REPORT_TABLES_HPP

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/regret_words.hpp"
#include "rationale/figure/html.hpp"
#include "rationale/recording/run_reader.hpp"

/// Tables of a recording, folded, with ids that begin with `at`.
namespace rationale::detail {

inline std::string divergence_word(const recording_analysis& a) { return a.kind == prediction_kind::mean ? "squared error" : "KL, nats"; }

inline std::string parameter_table(const recording_analysis& a, const std::string& at) {
    std::vector<std::string> head{"parameter",         "value",     over_what(a.over_runs), "leaving out a run", "sandwich, of cells",
                                  "profile, of cells", "determined"};
    if (!a.bootstrap.empty())
        head.push_back(std::string("bootstrap of ") + (a.resampled_runs ? "runs, " : "cells, ") + std::to_string(a.replicates));
    std::vector<std::vector<std::string>> rows;
    for (std::size_t k = 0; k < a.fit.values.size(); ++k) {
        const auto around = [&](const std::vector<interval>& of) {
            return !is_determined(a.fit, k) ? "not identifiable" : k < of.size() ? from_to(of[k]) : std::string("–");
        };
        rows.push_back({std::string(a.fit.declared()[k].name), short_number(a.fit.values[k]) + (a.fit.at_bound[k] ? ", its bound" : ""),
                        around(a.over_runs.intervals), around(a.over_runs.jackknife), around(a.around.intervals), around(a.profile),
                        k < a.over_runs.determined.size() && a.over_runs.determined[k] ? "yes" : "no"});
        if (!a.bootstrap.empty()) rows.back().push_back(around(a.bootstrap));
    }
    return folded_table(at + "-parameters", "The law's parameters", head, rows);
}

inline std::string score_table(const recording_analysis& a, const std::string& at) {
    const bool means = a.kind == prediction_kind::mean;
    std::vector<std::vector<std::string>> rows;
    for (const auto& s : a.scores)
        rows.push_back({std::string(words(s.role)), words(s.split), std::to_string(s.cells), short_number(s.law_loss),
                        short_number(s.pair_loss), fixed_number(s.correlation, 3),
                        fixed_number(means ? s.with_law.r_squared : s.with_law.total_variation, 3)});
    return folded_table(at + "-scores", "Scores of the law's mixture against the model, fitted and held-out cells apart",
                        {"cells", "split", "count", divergence_word(a), "best weights of M and G", "correlation with the relative distance",
                         means ? "R squared" : "total variation"},
                        rows);
}

inline std::string explanations_of(const std::string& id, const explanation_table& table, const std::string& caption,
                                   const std::vector<explanation_column>& columns = explanation_columns()) {
    if (table.rows.empty()) return "";
    const auto [head, rows] = readable(table, columns);
    return folded_table(id, caption, head, rows);
}
inline std::string comparison_table(const recording_analysis& a, const std::string& at) {
    return explanations_of(at + "-explanations", a.comparison,
                           "Explanations compared: mean divergence from the model, " + divergence_word(a) + ", ID unless said");
}
inline std::string memory_table(const recording_analysis& a, const std::string& at) {
    return a.memory ? explanations_of(at + "-memory", a.memory->explanations,
                                      "Memory of limited precision: mean divergence from the model, " + divergence_word(a))
                    : "";
}

inline std::string square_tables(const recording_analysis& a, const std::string& at) {
    if (!a.square) return "";
    const std::string of = "Memory and trust, ", what = ": mean divergence from the model, " + divergence_word(a);
    return explanations_of(at + "-square", a.square->after_threshold, of + "after the threshold" + what) +
           explanations_of(at + "-square-whole", a.square->whole, of + "from the first checkpoint on" + what);
}

inline std::string run_table(const recording_analysis& a, const std::string& at) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& r : a.runs)
        rows.push_back({std::to_string(r.tasks), std::to_string(r.seed), short_number(r.known.loss[0]), short_number(r.known.loss[1]),
                        fixed_number(r.known.complexity[0], 0), fixed_number(r.known.complexity[1], 0), memorizing_leads_in_words(r)});
    return folded_table(at + "-runs", "Runs: expected losses, description lengths, and when M overtakes G by the law",
                        {"tasks D", "seed", "L of M, nats", "L of G, nats", "K of M, bits", "K of G, bits", "M overtakes G"}, rows);
}

/// Regret of each run's last checkpoint, where its gap is largest, and whether its switch was announced.
inline std::string regret_table(const recording_analysis& a, const std::string& at) {
    if (a.regret.cells.empty()) return "";
    const auto with = [](double value, const interval& within, int digits = 3) { return plain_number(value, digits) + behind_it(within); };
    std::vector<std::vector<std::string>> rows;
    for (const auto& r : a.runs)
        rows.push_back({std::to_string(r.tasks), std::to_string(r.seed), "–", "–", "–", "–", "–", "–", "not watched"});
    for (const split where : splits)
        for (const auto* c : last_regrets(a, where)) {
            auto& row = rows[c->run];
            row[where == split::id ? 2 : 4] = with(c->hindsight.value, c->hindsight.within);
            row[where == split::id ? 3 : 5] = with(c->trend.exponent.value, c->trend.exponent.within, 2);
        }
    for (const auto& g : a.regret.turns) {
        rows[g.run][6] = with(g.peak_step, g.peak_within);
        rows[g.run][7] = "";
        for (const auto& turn : g.turns)
            rows[g.run][7] += (rows[g.run][7].empty() ? "" : ", ") + std::string(turn.peak ? "peak " : "valley ") + decimals(turn.at, 0);
        if (g.turns.empty()) rows[g.run][7] = "none";
    }
    for (const auto& w : a.regret.warnings)
        rows[w.run][8] = w.announced() ? (w.passes ? "announced" : "false alarm") : w.passes ? "missed" : "rightly silent";
    return folded_table(at + "-regret", "What it costs not to know: regret of the last checkpoints, " + regret_unit(a) + ", and the gap",
                        {"tasks D", "seed", "regret in hindsight, ID", "its exponent in the context, ID", "OOD", "exponent, OOD",
                         "step of the largest gap", "turns of the gap", "early warning"},
                        rows);
}

/// Several recordings side by side: all were fitted with the same law.
inline std::string side_by_side(std::span<const recording_analysis> all) {
    std::vector<std::string> head{"recording", "family", "runs", "from step"};
    for (const auto& p : all[0].fit.declared()) head.emplace_back(p.name);
    for (const char* word : {"law, fitted cells", "best M/G weights, fitted cells", "law, held out in N", "best M/G weights, held out in N",
                             "correlation, fitted cells", "cells neither"})
        head.emplace_back(word);
    std::vector<std::vector<std::string>> rows;
    for (const auto& a : all) {
        auto& row = rows.emplace_back(
            std::vector{a.name, a.family, std::to_string(a.runs.size()), a.threshold ? std::to_string(*a.threshold) : std::string("–")});
        for (std::size_t k = 0; k < a.fit.values.size(); ++k)
            row.push_back(short_number(a.fit.values[k], 3) +
                          (!is_determined(a.fit, k) ? " (not identifiable)"
                           : k < a.over_runs.intervals.size() && !std::isnan(a.over_runs.intervals[k].lower)
                               ? " (" + from_to(a.over_runs.intervals[k]) + (a.over_runs.determined[k] ? ")" : ", not determined)")
                               : ""));
        double correlation = undefined;
        for (cell_role role : {cell_role::fitted, cell_role::held_out_steps}) {
            double law = undefined, best = undefined;
            for (const auto& s : a.scores)
                if (s.split == split::id && s.role == role) {
                    law = s.law_loss, best = s.pair_loss;
                    if (role == cell_role::fitted) correlation = s.correlation;
                }
            row.push_back(short_number(law, 3)), row.push_back(short_number(best, 3));
        }
        row.push_back(fixed_number(correlation, 3));
        row.push_back(std::to_string(a.neither) + " of " + std::to_string(a.cells.size()));
    }
    return html_table(
        "The same law fitted to each recording: parameters with 95 % intervals over runs, and mean divergence from the model "
        "in distribution (KL in nats, or squared error)",
        head, rows);
}

}  // namespace rationale::detail

#endif
