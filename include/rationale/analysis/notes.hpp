#ifndef RATIONALE_ANALYSIS_NOTES_HPP
#define RATIONALE_ANALYSIS_NOTES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"

namespace rationale {

/// What a reader must know beside the numbers: what is undefined, what the data do not determine, what was left out.
[[nodiscard]] inline std::vector<std::string> notes_of(const recording_analysis& a) {
    std::vector<std::string> notes;
    for (const auto& sentence : a.fit.not_identifiable) notes.push_back("Not identifiable: " + sentence + ".");
    for (std::size_t i = 0; i < a.fit.at_bound.size(); ++i)
        if (a.fit.at_bound[i]) {
            char value[32];
            std::snprintf(value, sizeof value, "%g", a.fit.values[i]);
            notes.push_back(std::string(a.fit.declared()[i].name) + " lies at its bound, " + value + ".");
        }
    if (!a.fit.settled)
        notes.push_back("The fit did not converge: none of its " + std::to_string(a.fit.starts) +
                        " searches ended at an optimum that is as good as where this one ended, so that the parameters are no optimum and "
                        "have no intervals.");
    if (a.fit.reached < a.fit.starts)
        notes.push_back("Of " + std::to_string(a.fit.starts) + " starts of the fit " + std::to_string(a.fit.reached) +
                        " reached the optimum; the others ended at optima that are worse.");
    if (!a.threshold) notes.push_back("No run's interpolation distance falls, so no threshold is set and every checkpoint counts.");
    std::map<std::string, std::size_t> reasons;
    for (const auto& c : a.cells)
        if (!c.relative.defined()) ++reasons[std::string(c.relative.words())];
    for (const auto& [reason, count] : reasons)
        notes.push_back("The relative distance of " + std::to_string(count) + " of " + std::to_string(a.cells.size()) + " cells is " +
                        reason + ".");
    if (a.neither > 0) {
        std::string all;
        for (std::size_t q = 0; q < a.strategies.size(); ++q)
            all += (q == 0 ? "" : q + 1 < a.strategies.size() ? ", " : " and ") + a.strategies[q];
        notes.push_back(std::to_string(a.neither) + " of " + std::to_string(a.cells.size()) + " cells are neither: the best mixture of " +
                        all + " is still far from the model (column neither of cells.csv).");
    }
    if (a.memory) {
        const memory_account *weight = nullptr, *precision = nullptr, *law = nullptr, *tempered = nullptr, *one = nullptr;
        for (const auto& x : a.memory->accounts) {
            if (x.name.starts_with("best weight")) weight = &x;
            if (x.name == (a.memory->visits ? "best precision in every cell" : "best precision mixed with copying in every cell"))
                precision = &x;
            if (x.name.starts_with("per task over precisions") && !law) law = &x;
            if (x.name.starts_with("tempered M, best exponent in")) tempered = &x;
            if (x.name.starts_with("per task over one exponent")) one = &x;
        }
        const auto& two = a.memory->accounts[0];
        char text[400];
        std::snprintf(
            text, sizeof text,
            "Memory: fitted to each cell on its own, %s explains the model %s than a weight of %s and %s, by %.3g against %.3g ID and %.3g "
            "against %.3g OOD.",
            a.memory->visits ? "a precision" : "a precision and a weight of copying",
            precision->fitted < weight->fitted ? "better" : "worse", a.strategies[0].c_str(), a.strategies[1].c_str(), precision->fitted,
            weight->fitted, precision->fitted_ood, weight->fitted_ood);
        notes.push_back(text);
        const auto against_two = [&](const memory_account* of, const std::string& what) {
            if (!of || std::isnan(of->held_out)) return;
            const bool sure = of->difference.lower > 0 || of->difference.upper < 0;
            std::snprintf(text, sizeof text, "Memory: on held-out cells %s %s the %s: %.3g against %.3g ID, %.3g against %.3g OOD%s.",
                          what.c_str(), of->held_out < two.held_out ? "is ahead of" : "is behind", two.name.c_str(), of->held_out,
                          two.held_out, of->held_out_ood, two.held_out_ood, sure ? "" : "; the difference ID is not sure");
            notes.push_back(text);
        };
        against_two(law, "the per-task law");
        against_two(one, "the per-task law over memorizing with one exponent and " + std::string(a.memory->visits ? "G" : "copying"));
        if (tempered && tempered->fitted < (std::min)(weight->fitted, precision->fitted)) {
            std::snprintf(
                text, sizeof text,
                "Memory: memorizing that trusts the context less, likelihood^exponent with exponents from %.2g to %.2g, explains the "
                "model better than both, by %.3g ID and %.3g OOD.",
                a.memory->best_exponents->lower, a.memory->best_exponents->upper, tempered->fitted, tempered->fitted_ood);
            notes.push_back(text);
        }
    }
    for (const auto& s : a.spread) {
        char text[160];
        std::snprintf(text, sizeof text,
                      "D = %zu: %zu runs differ in their seed alone; their relative distances have a standard deviation of %.3f", s.tasks,
                      s.seeds, s.relative_distance);
        char crossover[64] = "";
        if (!std::isnan(s.log_crossover)) std::snprintf(crossover, sizeof crossover, ", the logarithms of N* one of %.3f", s.log_crossover);
        notes.push_back(std::string(text) + crossover + ".");
    }
    if (a.infinite_cells > 0)
        notes.push_back(
            std::to_string(a.infinite_cells) +
            " cells are left out of fit and scores: the model gives what no strategy does, so every mixture is infinitely far.");
    std::string unsure;
    for (const auto& run : a.runs) {
        const std::string which = "D = " + std::to_string(run.tasks) + ", seed " + std::to_string(run.seed) + ": ";
        for (std::size_t split = 0; split < 2; ++split)
            if (run.masked[split] > 0)
                notes.push_back(which + std::to_string(run.masked[split]) + (split == 0 ? " id" : " ood") +
                                " sequences are masked, no seen task explains them.");
        if (!run.losses.reached) {
            double worst = 0;
            std::size_t one = 0, other = 1;
            for (std::size_t q = 0; q < run.losses.mean.size(); ++q)
                for (std::size_t r = 0; r < q; ++r)
                    if (const double error = run.losses.difference_error(q, r) / std::abs(run.losses.mean[q] - run.losses.mean[r]);
                        error > worst)
                        worst = error, one = r, other = q;
            char share[32];
            std::snprintf(share, sizeof share, "%s %.1f %% (", unsure.empty() ? "" : ",", 100 * worst);
            unsure += share + a.strategies[one] + " and " + a.strategies[other] + ", D = " + std::to_string(run.tasks) + ", seed " +
                      std::to_string(run.seed) + ")";
        }
    }
    if (!unsure.empty()) notes.push_back("Differences of losses are known only to" + unsure + "; --loss-sequences allows more work.");
    return notes;
}

}  // namespace rationale

#endif
