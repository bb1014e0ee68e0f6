#ifndef RATIONALE_EXAMPLES_ANALYZE_SUMMARY_HPP
#define RATIONALE_EXAMPLES_ANALYZE_SUMMARY_HPP

#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/recording/run_reader.hpp"

namespace detail {
template <class... Values>
std::string format(const char* pattern, Values... values) {
    char text[256];
    std::snprintf(text, sizeof text, pattern, values...);
    return text;
}
inline std::string number(double x, const char* pattern = "%.4g") { return std::isnan(x) ? "-" : format(pattern, x); }
}  // namespace detail

/// When M overtakes G, and whether that is seen in the recording or only extrapolated.
inline std::string leads(const rationale::analyzed_run& r) {
    const auto last = r.steps.back();
    return r.memorizing_leads.words() + (r.memorizing_leads.steps > static_cast<double>(last)
                                             ? detail::format(", beyond the last checkpoint, %lld", static_cast<long long>(last))
                                             : "");
}

/// What a reader wants to know first, then the scores, fitted and held out apart, then the runs, then what to be careful with.
inline void print_summary(std::ostream& out, const rationale::recording_analysis& a) {
    using detail::format, detail::number;
    const bool means = a.kind == rationale::prediction_kind::mean;
    out << a.name << "\n" << std::string(a.name.size(), '=') << "\n";
    out << format("%zu runs of the family %s; ", a.runs.size(), a.family.c_str());
    if (a.threshold)
        out << "from step " << *a.threshold << " on the model is explained as a mixture of " << a.strategies[0] << " and "
            << a.strategies[1] << ".\n";
    else out << "no threshold, every checkpoint counts.\n";
    const auto& values = a.fit.values;
    out << "Law: log odds(M:G) = gamma N^(1-alpha) (L_G - L_M) - ln 2 (K_M^beta - K_G^beta), fitted to " << a.fit.cells << " cells\n ";
    for (std::size_t i = 0; i < values.size(); ++i)
        out << "  " << a.fit.declared()[i].name << " = " << number(values[i]) << (a.fit.at_bound[i] ? " (at its bound)" : "");
    out << (a.fit.identifiable() ? "" : "   NOT IDENTIFIABLE, see below") << "\n\n";

    out << format("  %-22s %-5s %6s %12s %12s %12s %12s\n", "cells", "split", "count", means ? "sq. error" : "KL, nats", "best M/G",
                  "correlation", means ? "R squared" : "total var.");
    for (const auto& s : a.scores)
        out << format("  %-22s %-5s %6zu %12s %12s %12s %12s\n", std::string(words(s.role)).c_str(), rationale::splits[s.split], s.cells,
                      number(s.law_loss).c_str(), number(s.pair_loss).c_str(), number(s.correlation, "%.3f").c_str(),
                      number(means ? s.with_law.r_squared : s.with_law.total_variation, "%.3f").c_str());
    out << "  " << (means ? "sq. error: of the law's mixture against the model" : "KL, nats: KL(model || the law's mixture)")
        << "; best M/G: the same with free weights in every cell;\n  correlation: of the law's weight of M with the relative distance (0 = "
           "G, 1 = M), over cells.\n\n";

    out << format("  %6s %6s %12s %12s %12s %12s  %s\n", "D", "seed", "L_M, nats", "L_G, nats", "K_M, bits", "K_G, bits", "M overtakes G");
    for (const auto& r : a.runs)
        out << format("  %6zu %6lld %12s %12s %12.0f %12.0f  %s\n", r.tasks, static_cast<long long>(r.seed),
                      number(r.known.loss[0]).c_str(), number(r.known.loss[1]).c_str(), r.known.complexity[0], r.known.complexity[1],
                      leads(r).c_str());
    if (!a.runs.empty()) {
        out << "  description lengths by";
        for (const auto& [method, bits] : a.runs[0].descriptions[0].tried) out << ' ' << method;
        out << ", the shortest of them\n";
    }
    out << '\n';
    for (const auto& note : a.notes) out << "  * " << note << '\n';
    out << (a.notes.empty() ? "" : "\n");
}

#endif
