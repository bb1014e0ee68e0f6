#ifndef RATIONALE_ANALYSIS_PRINT_TABLES_HPP
#define RATIONALE_ANALYSIS_PRINT_TABLES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <ostream>
#include <string>
#include <type_traits>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/square_words.hpp"
#include "rationale/explanation/table_text.hpp"
#include "rationale/number_text.hpp"
#include "rationale/recording/run_reader.hpp"

namespace rationale {

namespace detail {
/// printf, however long it gets, for integers and texts alone: numbers with a fraction come as text, which no locale changes.
template <class... Values>
std::string format(const char* pattern, Values... values) {
    static_assert((!std::is_floating_point_v<Values> && ...));
    std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, pattern, values...)), ' ');
    std::snprintf(text.data(), text.size() + 1, pattern, values...);
    return text;
}
inline std::string number(double x, int digits = 4) { return significant_or("-", x, digits); }
inline std::string fixed(double x, int digits) { return decimals_or("-", x, digits); }
}  // namespace detail

inline std::string between(const interval& x) {
    return std::isnan(x.lower) ? "-" : "[" + detail::number(x.lower) + ", " + detail::number(x.upper) + "]";
}

/// An interval behind a number, nothing where there is none.
inline std::string behind(const interval& x) { return std::isnan(x.lower) ? "" : " " + between(x); }

/// An interval of a crossover's steps; 0 stands for a lead from the start, infinity for none. What lies outside any training of this kind
/// is only said to do so.
inline std::string between_steps(const interval& x, double last_step) {
    if (std::isnan(x.lower)) return "-";
    const auto text = [&](double steps) {
        return steps < 1                                ? "< 1"
               : steps > most_extrapolation * last_step ? "> " + step_text(most_extrapolation * last_step)
                                                        : step_text(steps);
    };
    return "[" + text(x.lower) + ", " + text(x.upper) + "]";
}

/// Explanations side by side.
inline void print_comparison(std::ostream& out, const recording_analysis& a) {
    out << table_text(a.comparison)
        << "  mean divergence over cells; held out: later steps and more tasks; ood: out of distribution; CV: each D, each fifth of "
           "the steps\n"
           "  left out in turn; criterion: fitted + Takeuchi's optimism; parameters of a ceiling: in every cell. With C the fitted cells "
           "and CV "
           "include\n"
           "  those before the threshold: compare held out.\n\n";
}

/// The numbers of tasks for which memorizing leads, between the recording's: "D below 12 [10, 15]"; the interval is of the last number.
inline std::string leading_tasks(const threshold_forecast& t) {
    const auto& roots = t.tasks;
    if (roots.empty()) return std::string(t.memorizing_first ? "all" : "no") + " D of the recording";
    const auto root = [&](std::size_t i) { return detail::number(roots[i]); };
    std::string out;
    for (std::size_t i = t.memorizing_first ? 0 : 1; i <= roots.size(); i += 2)
        out += (out.empty() ? "D " : " and ") + (i == 0              ? "below " + root(0)
                                                 : i == roots.size() ? "above " + root(i - 1)
                                                                     : "from " + root(i - 1) + " to " + root(i));
    return out + behind(t.largest);
}

/// What comes after the recording, and a test of such a forecast within it.
inline void print_forecast(std::ostream& out, const recording_analysis& a) {
    using detail::fixed, detail::format, detail::number;
    out << format("  %6s %6s  %-34s %-26s %s\n", "D", "seed", "M overtakes G", "steps, 95 %", "G is transient");
    for (const auto& f : a.forecast->runs) {
        const auto& r = a.runs[f.run];
        out << format("  %6zu %6lld  %-34s %-26s %s\n", r.tasks, static_cast<long long>(r.seed), f.overtakes.words(last_step(r)).c_str(),
                      between_steps(f.steps, last_step(r)).c_str(), a.replicates > 0 ? (fixed(100 * f.transient, 0) + " %").c_str() : "-");
    }
    if (a.law_strategies > 2) {
        out << "  Which strategy leads from which step on:\n";
        for (const auto& f : a.forecast->runs) {
            out << format("  %6zu %6lld ", a.runs[f.run].tasks, static_cast<long long>(a.runs[f.run].seed));
            bool first = true;
            for (std::size_t i = 0; i < f.order.size(); ++i) {
                const auto& l = f.order[i];
                // Not those whose lead ends before the first step, or begins after any training of this kind.
                if ((i + 1 < f.order.size() && f.order[i + 1].from_steps < 1) ||
                    l.from_steps > most_extrapolation * last_step(a.runs[f.run]))
                    continue;
                out << (first ? " " : ", ") << a.strategies[l.strategy] << " from "
                    << (l.from_steps < 1 ? "the start" : "step " + step_text(l.from_steps));
                first = false;
            }
            out << '\n';
        }
    }
    const auto& e = a.forecast->exponent_interval;
    if (!detail::growth_is_told(a)) out << "  How N* grows with D cannot be told from these runs.\n";
    else
        out << "  N* grows as D^" << fixed(a.forecast->exponent, 2)
            << (std::isnan(e.lower) ? ""
                                    : " " + between(e) +
                                          (e.lower > 1   ? ": superlinear"
                                           : e.upper < 1 ? ": sublinear"
                                                         : ": linear growth is not excluded"))
            << "\n";
    // At the last checkpoint, and at ten and a hundred times its steps.
    const auto& thresholds = a.forecast->thresholds;
    double last = 0;
    for (const auto& r : a.runs) last = (std::max)(last, last_step(r));
    for (std::size_t i = thresholds.size() % 4 == 1 ? thresholds.size() - 13 : 0; i < thresholds.size(); i += 4)
        if (const auto& t = thresholds[i]; !(t.steps > most_extrapolation * last))
            out << "  After " << number(t.steps, 3) << " steps M leads for " << leading_tasks(t) << '\n';
    if (a.backtest && a.backtest->cells > 0)
        out << "  Backtest, fitted up to step " << fixed(a.backtest->until_steps, 0) << ", " << std::to_string(a.backtest->cells)
            << " later cells: law " << number(a.backtest->law) << ", weights carried on " << number(a.backtest->carried) << ", ceiling "
            << number(a.backtest->ceiling) << "; weights of M off by " << fixed(a.backtest->weight_error, 3) << "\n";
    out << '\n';
}

/// After how many steps a task the remembered precision, a power of visits, passes the context's observations.
inline std::string passing(const explanation_row& visits, const recording_analysis& a) {
    const double scale = visits.facts.values[0], exponent = visits.facts.values[1];
    const double context = a.memory->context;
    const double at = std::pow(context / scale, 1 / exponent);
    const std::string given = detail::plain_number(context, 4) + " observations",
                      observations = a.memory->rows > 1 ? "the " + given + " that the context has of a row" : "the context's " + given;
    double most = 0;
    for (const auto& r : a.runs) most = (std::max)(most, greatest_visits(r));
    if (!(exponent > 0) || !(at <= most)) return "; it does not pass " + observations + " within any training of this kind";
    if (std::any_of(a.runs.begin(), a.runs.end(), [](const auto& r) { return !r.visits.empty(); }))
        return "; it passes " + observations + " after " + detail::number(at, 3) + " visits";
    return "; it passes " + observations + " " + (at < 1 ? "before a task is seen once" : "after " + detail::number(at, 3) + " D steps");
}

/// An explanation's values in words, "scale 2.1 [1.9, 2.3], exponent 0.5 [0.4, 0.6]".
inline std::string values_in_words(const explanation_row& row) {
    std::string out;
    for (std::size_t i = 0; i < row.facts.names.size(); ++i)
        out += (i == 0 ? "" : ", ") + row.facts.names[i] + " " + detail::number(row.facts.values[i], 3) +
               (i < row.value_intervals.size() ? behind(row.value_intervals[i]) : std::string());
    return out;
}

/// A parameter with its widest interval, "alpha 0.35 [0.18, 0.51]", and whether it is determined.
inline std::string parameter_in_words(const law_fit& fit, const run_uncertainty& sure, std::size_t i) {
    return std::string(fit.declared()[i].name) + " " + detail::number(fit.values[i]) + " " +
           (!is_determined(fit, i) ? "(not identifiable)" : between(sure.intervals[i]) + (sure.determined[i] ? "" : " (not determined)"));
}

/// Seen tasks remembered with limited precision, against the law of two strategies.
inline void print_memory(std::ostream& out, const recording_analysis& a) {
    using detail::fixed, detail::format, detail::number;
    const auto& m = *a.memory;
    out << "Memory of limited precision: " << detail::remembered_word(m.rows, "a seen task")
        << " is remembered as kappa observations of it (0: not at all, infinity: memorizing).\n"
        << "Law: log p(kappa | N, D) = -gamma (N/D)^(1-alpha) L(kappa) - ln 2 c R(kappa) + const, R bits per task";
    for (std::size_t i = 0; i < m.fit.values.size(); ++i) out << (i == 0 ? ": " : ", ") << parameter_in_words(m.fit, m.over_runs, i);
    out << "\n";
    if (const auto* const row = m.explanations.find("precision_by_visits"))
        out << "As a power of visits: kappa = scale (N/D)^exponent, " << values_in_words(*row) << ", spread of log kappa "
            << fixed(row->facts.spread, 2) << passing(*row, a) << "\n";
    if (m.tempered) {
        out << "Memory that trusts the context less, weights by likelihood^exponent: with one exponent, " << number(m.tempered->exponent, 3)
            << ", and " << (m.starts_at_generalizing ? "G" : "copying") << " the per-task law has";
        for (std::size_t i = 0; i < m.tempered->fit.values.size(); ++i)
            out << (i == 0 ? " " : ", ") << parameter_in_words(m.tempered->fit, m.tempered->over_runs, i);
        out << "\n";
        for (const char* key : {"exponent_by_visits", "exponent_by_steps_and_tasks"})
            if (const auto* const row = m.explanations.find(key))
                out << "  " << row->facts.words << ": " << values_in_words(*row) << ", spread of the log exponent "
                    << fixed(row->facts.spread, 2) << "\n";
    }
    if (m.forecast_cells > 0)
        out << "Fitted up to step " << fixed(m.forecast_from, 0) << " and asked for the " << std::to_string(m.forecast_cells)
            << " cells after it: per-task law " << number(m.forecast) << ", " << m.explanations.find(m.explanations.reference)->facts.words
            << " " << number(m.forecast_of_reference) << "\n";
    out << table_text(m.explanations) << "\n";
}

/// In how many cells the best point of the square is below the best weights of M, G and C, and how many it is with a third number.
inline void print_best_points(std::ostream& out, const square_report& s) {
    per_split<std::size_t> cells{}, below{}, with_order{};
    bool three = false;
    for (const auto& p : s.places) {
        if (std::isnan(p.with_constant)) continue;
        cells[p.split] += 1, below[p.split] += p.divergence < p.with_constant, with_order[p.split] += p.with_order < p.with_constant;
        three = three || !std::isnan(p.with_order);
    }
    if (cells[split::id] + cells[split::ood] == 0) return;
    const auto of = [&](const per_split<std::size_t>& some) {
        std::string text;
        for (const split at : splits)
            if (cells[at] > 0)
                text += (text.empty() ? "" : " and ") + std::to_string(some[at]) + " of " + std::to_string(cells[at]) + " cells " +
                        (at == split::id ? "ID" : "OOD");
        return text;
    };
    out << "The best point is below the best weights of M, G and C in " << of(below);
    if (three) out << ";\nwith a third number, how precisely the order of the context is read, in " << of(with_order);
    out << ".\n";
}

/// One belief with two precisions.
inline void print_square(std::ostream& out, const recording_analysis& a) {
    using detail::fixed, detail::number;
    const auto& s = *a.square;
    out << "One belief with two precisions: " << detail::remembered_word(s.rows)
        << " that was seen is remembered as kappa observations of it, and each observation of\nthe context counts e times. C is (0, 0), G "
           "(0, 1), M (infinity, 1).\n";
    if (s.forecast_cells > 0)
        out << "Fitted up to step " << fixed(s.forecast_from, 0) << " and asked for the " << std::to_string(s.forecast_cells)
            << " cells after it: law of visits " << number(s.forecast) << ", law of M and G " << number(s.forecast_of_reference) << "\n";
    if (s.better == better_account::mixture)
        out << "A weight of M and G in every cell explains this recording better than memory and trust, with one number less: it is a "
               "mixture.\n";
    print_best_points(out, s);
    out << table_text(s.after_threshold) << "From the first checkpoint on, without a threshold:\n" << table_text(s.whole) << "\n";
}

/// How the strategies' weights move over training, ID, where the law weighs more than two.
inline void print_weights(std::ostream& out, const recording_analysis& a) {
    using detail::fixed, detail::format;
    constexpr std::size_t columns = 7;
    std::size_t longest = 8;
    for (const auto& s : a.strategies) longest = (std::max)(longest, s.size());
    const auto width = static_cast<int>(longest);
    out << "Weights over training, ID: of each cell's best mixture | of the law\n";
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        std::vector<const analyzed_cell*> cells;
        for (const auto& c : a.cells)
            if (c.run == i && c.split == split::id) cells.push_back(&c);
        const std::size_t shown = (std::min)(columns, cells.size());
        if (shown == 0) continue;
        const auto at = [&](std::size_t j) -> const analyzed_cell& {
            return *cells[shown == 1 ? 0 : j * (cells.size() - 1) / (shown - 1)];
        };
        out << format("  D = %-6zu %-*s", a.runs[i].tasks, width - 4, "step");
        for (std::size_t j = 0; j < shown; ++j) out << format("  %9lld", static_cast<long long>(at(j).step));
        out << '\n';
        for (std::size_t q = 0; q < a.law_strategies; ++q) {
            out << format("      %-*s", width + 2, a.strategies[q].c_str());
            for (std::size_t j = 0; j < shown; ++j) out << "  " << fixed(at(j).mixing_weights[q], 2) << '|' << fixed(at(j).predicted[q], 2);
            out << '\n';
        }
    }
    out << '\n';
}

/// The law's parameters with every interval, then scores, fitted and held out apart, explanations, forecasts, runs, then all notes.
inline void print_tables(std::ostream& out, const recording_analysis& a) {
    using detail::fixed, detail::format, detail::number;
    const bool means = a.kind == prediction_kind::mean;
    const auto& values = a.fit.values;
    const auto& law = a.fit.law;
    out << "Law (" << law.name() << "): log p(Q | N) = -" << law.evidence_formula() << " L_Q - " << law.prior_formula()
        << " + const, Q in {" << short_names(a.strategies, a.law_strategies, ", ") << "}, fitted to " << std::to_string(a.fit.cells)
        << " cells\n";
    out << format("  %-12s %12s   %-24s %-24s %-24s %-24s", "parameter", "value", over_what(a.over_runs).c_str(), "leaving out a run",
                  "sandwich, of cells", "profile, of cells");
    if (a.replicates > 0) out << format(" bootstrap of %s, %zu", a.resampled_runs ? "runs" : "cells", a.replicates);
    out << "\n";
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool known = is_determined(a.fit, i);
        const auto sure = [&](const interval& x) { return known ? between(x) : std::string("not identifiable"); };
        out << format("  %-12s %12s   %-24s %-24s %-24s %-24s", std::string(a.fit.declared()[i].name).c_str(), number(values[i]).c_str(),
                      sure(a.over_runs.intervals[i]).c_str(), sure(a.over_runs.jackknife[i]).c_str(), sure(a.around.intervals[i]).c_str(),
                      sure(a.profile[i]).c_str());
        if (a.replicates > 0) out << ' ' << sure(a.bootstrap[i]);
        out << (a.fit.at_bound[i] ? "   at its bound" : "") << (known && !a.over_runs.determined[i] ? "   NOT DETERMINED" : "") << '\n';
    }
    out << (a.fit.identifiable() ? "" : "  NOT IDENTIFIABLE, see below: the values are one choice of many\n") << '\n';

    out << format("  %-22s %-5s %6s %12s %12s %12s %12s\n", "cells", "split", "count", means ? "sq. error" : "KL, nats", "best M/G",
                  "correlation", means ? "R squared" : "total var.");
    for (const auto& s : a.scores)
        out << format("  %-22s %-5s %6zu %12s %12s %12s %12s\n", std::string(words(s.role)).c_str(), words(s.split), s.cells,
                      number(s.law_loss).c_str(), number(s.pair_loss).c_str(), fixed(s.correlation, 3).c_str(),
                      fixed(means ? s.with_law.r_squared : s.with_law.total_variation, 3).c_str());
    out << "  " << (means ? "sq. error: of the law's mixture against the model" : "KL, nats: KL(model || the law's mixture)")
        << "; best M/G: the same with free weights in every cell;\n  correlation: of the law's weight of M with the relative distance (0 = "
           "G, 1 = M), over cells.\n\n";

    if (a.law_strategies > 2 && has_others(a.strategies)) print_weights(out, a);
    if (a.square) print_square(out, a);
    if (a.memory) print_memory(out, a);
    if (!a.comparison.rows.empty()) print_comparison(out, a);
    if (a.forecast) print_forecast(out, a);

    out << format("  %6s %6s %12s %12s %12s %12s  %s\n", "D", "seed", "L_M, nats", "L_G, nats", "K_M, bits", "K_G, bits", "M overtakes G");
    for (const auto& r : a.runs)
        out << format("  %6zu %6lld %12s %12s %12s %12s  %s\n", r.tasks, static_cast<long long>(r.seed), number(r.known.loss[0]).c_str(),
                      number(r.known.loss[1]).c_str(), fixed(r.known.complexity[0], 0).c_str(), fixed(r.known.complexity[1], 0).c_str(),
                      memorizing_leads_in_words(r).c_str());
    if (!a.runs.empty()) {
        out << "  description lengths by";
        for (const auto& [method, bits] : a.runs[0].descriptions[0].tried) out << ' ' << method;
        out << ", the shortest of them\n";
    }
    out << '\n';
    for (const auto& note : a.notes) out << "  * " << note << '\n';
    out << (a.notes.empty() ? "" : "\n");
}

}  // namespace rationale

#endif
