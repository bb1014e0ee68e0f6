#ifndef RATIONALE_ANALYSIS_DETAIL_SCORES_HPP
#define RATIONALE_ANALYSIS_DETAIL_SCORES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/compare/agreement.hpp"
#include "rationale/number_text.hpp"
#include "rationale/recording/run_reader.hpp"

namespace rationale::detail {

/// Mean over those of `values` that are numbers.
inline double mean_of_numbers(const std::vector<double>& values) {
    double sum = 0, count = 0;
    for (double v : values)
        if (!std::isnan(v)) sum += v, ++count;
    return count > 0 ? sum / count : undefined;
}

/// Why two lists over cells have no correlation; empty where they have one. What varies by less than four decimals is one number: a float's
/// rounding of the recorded predictions can do that.
inline std::string no_correlation(const std::vector<double>& weight, const std::vector<double>& relative) {
    if (weight.size() < 3) return "fewer than three cells have a relative distance";  // of two cells it is 1 or -1 whatever they are
    const auto varies = [](const std::vector<double>& x) {
        const auto [least, most] = std::minmax_element(x.begin(), x.end());
        return *most - *least >= 1e-4;
    };
    if (!varies(weight)) return "the law's weight of memorizing is the same in every cell, " + decimals(weight[0], 4);
    if (!varies(relative)) return "the relative distance is the same in every cell, " + decimals(relative[0], 4);
    return {};
}

inline std::vector<law_score> scores_of(const recording_analysis& a) {
    std::vector<law_score> out;
    for (const split split : splits)
        for (cell_role role : all_roles) {
            law_score s{.role = role, .split = split};
            std::vector<double> law, mixing, pair, weight, relative, tv, argmax, rho, r2;
            for (const auto& c : a.cells) {
                if (c.split != split || c.role != role) continue;
                ++s.cells;
                // Where no mixture explains the cell; a law that is infinitely far from one that a mixture explains counts as that.
                if (!std::isfinite(a.law_strategies == 2 ? c.pair_loss : c.mixing_loss)) continue;
                law.push_back(c.law_loss), mixing.push_back(c.mixing_loss), pair.push_back(c.pair_loss);
                tv.push_back(c.with_law.total_variation), argmax.push_back(c.with_law.argmax), rho.push_back(c.with_law.spearman),
                    r2.push_back(c.with_law.r_squared);
                if (!c.relative.defined()) {
                    ++s.undefined_cells;
                    continue;
                }
                weight.push_back(c.predicted[0]), relative.push_back(c.relative.value);
            }
            if (s.cells == 0) continue;
            s.law_loss = mean_of_numbers(law), s.mixing_loss = mean_of_numbers(mixing), s.pair_loss = mean_of_numbers(pair);
            s.no_correlation = no_correlation(weight, relative);
            if (s.no_correlation.empty()) s.correlation = pearson(weight, relative);
            s.with_law = {mean_of_numbers(tv), mean_of_numbers(argmax), mean_of_numbers(rho), mean_of_numbers(r2)};
            out.push_back(s);
        }
    return out;
}

}  // namespace rationale::detail

#endif
