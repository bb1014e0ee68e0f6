#ifndef RATIONALE_COMPARE_RELATIVE_DISTANCE_HPP
#define RATIONALE_COMPARE_RELATIVE_DISTANCE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rationale/check.hpp"

namespace rationale {

/// Where a model stands between two strategies: 0 = G, 1 = M.
struct relative_distance_result {
    /// Whether it is defined, and if not why.
    enum class state { defined, infinite_divergence, identical_strategies, too_uncertain };

    double value = std::numeric_limits<double>::quiet_NaN();  ///< in [0, 1], kept for a too uncertain one, NaN for the other undefined ones
    double standard_error = std::numeric_limits<double>::quiet_NaN();  ///< over sequences, before clipping; NaN for fewer than two
    state is = state::defined;                                         ///< what it is

    /// Whether `value` may be used.
    [[nodiscard]] bool defined() const noexcept { return is == state::defined; }
    /// The state in a sentence, for reports.
    [[nodiscard]] std::string_view words() const noexcept {
        switch (is) {
            case state::defined:
                return "defined";
            case state::infinite_divergence:
                return "undefined: a divergence is infinite";
            case state::identical_strategies:
                return "undefined: the strategies predict the same";
            case state::too_uncertain:
                return "undefined: its standard error exceeds 0.25";
        }
        return {};
    }
};

/// (1 + clip((d(h,G) - d(h,M))/d(M,G), -1, 1))/2 from the divergences of each sequence, averaged before the ratio is taken. The standard
/// error is the delta method's over sequences, on the reported scale. Undefined when a divergence is infinite, when M and G predict the
/// same, or when the standard error exceeds 0.25. Throws std::invalid_argument unless all have one length, at least 1, and for one that is
/// no number, as those of masked sequences are.
[[nodiscard]] inline relative_distance_result relative_distance(std::span<const double> to_m, std::span<const double> to_g,
                                                                std::span<const double> m_to_g) {
    if (to_m.empty() || to_m.size() != to_g.size() || to_m.size() != m_to_g.size())
        throw std::invalid_argument("rationale::relative_distance: there are divergences of " + std::to_string(to_m.size()) + ", " +
                                    std::to_string(to_g.size()) + " and " + std::to_string(m_to_g.size()) +
                                    " sequences, must be of the same ones, at least 1");
    using enum relative_distance_result::state;
    const auto n = static_cast<double>(to_m.size());
    double m = 0, g = 0, apart = 0;
    for (std::size_t s = 0; s < to_m.size(); ++s) m += to_m[s], g += to_g[s], apart += m_to_g[s];
    if (std::isnan(m) || std::isnan(g) || std::isnan(apart))
        detail::refuse("rationale::relative_distance", "a divergence", "nan", "a number, so leave masked sequences out");
    if (!std::isfinite(m) || !std::isfinite(g) || !std::isfinite(apart)) return {.is = infinite_divergence};
    if (!(apart > 0)) return {.is = identical_strategies};
    const double ratio = (g - m) / apart;
    double squares = 0;
    for (std::size_t s = 0; s < to_m.size(); ++s) {
        const double influence = to_g[s] - to_m[s] - ratio * m_to_g[s];
        squares += influence * influence;
    }
    relative_distance_result out;
    out.value = 0.5 * (1 + std::clamp(ratio, -1.0, 1.0));
    if (to_m.size() > 1) out.standard_error = 0.5 * std::sqrt(squares * n / (n - 1)) / apart;
    if (out.standard_error > 0.25) out.is = too_uncertain;
    return out;
}

/// Index of the first checkpoint whose interpolation distance d(h, r M + (1-r) G) lies strictly below min + q (max - min): from there on
/// the model is explained as a mixture. None for a flat run. Distances that are not finite are passed over. q = 0.2, and 0.1 for means.
/// Throws std::invalid_argument for q outside [0, 1].
[[nodiscard]] inline std::optional<std::size_t> interpolation_threshold(std::span<const double> distance, double q) {
    detail::share("rationale::interpolation_threshold", "q", q);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (double d : distance)
        if (std::isfinite(d)) low = (std::min)(low, d), high = (std::max)(high, d);
    for (std::size_t i = 0; i < distance.size(); ++i)
        if (distance[i] < low + q * (high - low)) return i;
    return std::nullopt;
}

}  // namespace rationale

#endif
