#ifndef RATIONALE_UNIVERSALITY_RESAMPLED_HPP
#define RATIONALE_UNIVERSALITY_RESAMPLED_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/interval.hpp"
#include "rationale/random/samplers.hpp"

namespace rationale {

/// How statistics of sequences or runs are resampled.
struct resampled_options {
    std::size_t replicates = 1000;  ///< bootstrap samples
    std::uint64_t seed = 0;         ///< the same seed gives the same samples
};

/// A statistic with what its units leave open.
struct resampled_estimate {
    double value = 0;           ///< of all units
    double standard_error = 0;  ///< standard deviation over bootstrap samples
    interval within{};          ///< the middle 95 % of them
};

/// statistics(units...) -> vector of numbers for a list of indices of each group's units, of which each may come several times: all of
/// them, and bootstrap samples of as many from each group. Units are independent: sequences, or runs. Replicates that are NaN are left out
/// of an interval. O(replicates) calls. Throws std::invalid_argument for no units or replicates.
template <std::size_t Groups, class Statistics>
[[nodiscard]] std::vector<resampled_estimate> resampled(const std::array<std::size_t, Groups>& units, const Statistics& statistics,
                                                        const resampled_options& options = {}) {
    detail::check_at_least("rationale::resampled", "replicates", options.replicates, 1);
    std::array<std::vector<std::size_t>, Groups> which;
    for (std::size_t g = 0; g < Groups; ++g) {
        detail::check_at_least("rationale::resampled", "the number of units", units[g], 1);
        which[g].resize(units[g]);
        std::iota(which[g].begin(), which[g].end(), std::size_t{0});
    }
    const auto of_these = [&]() -> std::vector<double> {
        return std::apply([&](const auto&... group) { return statistics(std::span<const std::size_t>(group)...); }, which);
    };
    const auto whole = of_these();
    std::vector<std::vector<double>> replicates(whole.size());
    for (std::size_t b = 0; b < options.replicates; ++b) {
        philox rng = stream(purpose::resampled_units, options.seed, b);
        for (auto& group : which)
            for (std::size_t& unit : group) unit = index(rng, group.size());
        const auto drawn = of_these();
        for (std::size_t i = 0; i < whole.size(); ++i)
            if (!std::isnan(drawn[i])) replicates[i].push_back(drawn[i]);
    }
    std::vector<resampled_estimate> out;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const double n = static_cast<double>(replicates[i].size());
        double mean = 0, squares = 0;
        for (double x : replicates[i]) mean += x / n;
        for (double x : replicates[i]) squares += (x - mean) * (x - mean);
        const double error = n > 1 ? std::sqrt(squares / (n - 1)) : std::numeric_limits<double>::quiet_NaN();
        out.push_back({whole[i], error, percentile_interval(replicates[i])});
    }
    return out;
}

/// Of one group.
template <class Statistics>
[[nodiscard]] std::vector<resampled_estimate> resampled(std::size_t units, const Statistics& statistics,
                                                        const resampled_options& options = {}) {
    return resampled(std::array{units}, statistics, options);
}

}  // namespace rationale

#endif
