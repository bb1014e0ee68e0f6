#ifndef RATIONALE_FIT_BOOTSTRAP_HPP
#define RATIONALE_FIT_BOOTSTRAP_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/interval.hpp"
#include "rationale/symmetric.hpp"

namespace rationale {

/// What a bootstrap resamples, and how often.
struct bootstrap_options {
    std::size_t replicates = 1000;  ///< bootstrap samples
    std::uint64_t seed = 0;         ///< the same seed gives the same samples
    bool sequences = true;          ///< resample each run's sequences, the same for all its checkpoints
    bool cells = true;              ///< resample cells
    bool losses = true;             ///< draw the strategies' losses from their sampling distribution, N(estimate, covariance)
    std::size_t consecutive = 1;    ///< cells are resampled in blocks of so many consecutive checkpoints of a run
    /// Resample whole runs, those that have fitted cells apart from the others, in place of cells and sequences, which they bring along.
    /// Not given: an analysis does when there are at least `enough_runs` with fitted cells, a bootstrap does not.
    std::optional<bool> runs{};
};

/// The fewest runs that an analysis resamples: of fewer the resamples are too much alike.
inline constexpr std::size_t enough_runs = 8;

/// n of the n parts of some sequences, drawn with replacement: of each how often it came, over the share of the sequences that came,
/// sum_k times_k share_k. A sum of parts with these weights is a mean over the drawn sequences, also where parts differ in size.
[[nodiscard]] inline std::vector<double> draw_parts(philox& rng, std::span<const mixture_loss> parts) {
    std::vector<double> times(parts.size());
    for (std::size_t k = 0; k < parts.size(); ++k) times[index(rng, parts.size())] += 1;
    const auto shares = shares_of(parts);
    const double drawn = std::inner_product(times.begin(), times.end(), shares.begin(), 0.0);
    for (double& t : times) t /= drawn;
    return times;
}

/// One bootstrap draw: resampled losses, how often each cell was drawn, and weights of the parts of the sequences.
struct bootstrap_draw {
    std::vector<account> accounts;  ///< losses and complexities of each run
    std::vector<double> weights;    ///< how often each cell was drawn
    /// Weights of the parts of the sequences, for each run and split: those of `draw_parts`, or 1.
    std::map<std::pair<std::size_t, split>, std::vector<double>> parts;
};

/// Bootstrap sample number `replicate` of observations: depends on it and the seed alone. With `sequences` and `cells` it is nested.
/// Cells are drawn among those of the same role, so that what was held out stays so; each drawn cell brings its run's sequences.
[[nodiscard]] inline bootstrap_draw draw_bootstrap(const observations& o, const bootstrap_options& options, std::uint64_t replicate) {
    if (options.consecutive == 0)
        throw std::invalid_argument("rationale::draw_bootstrap: consecutive is 0, must be at least 1, the checkpoints of a block");
    // Each list is drawn from by a stream of its own, so that observations of the same cells by other strategies, of which some may be
    // fitted where these are not, have the same draws of the other lists.
    const auto stream_of = [&](purpose what, std::size_t list) { return stream(what, options.seed, (replicate << 32) + list); };
    constexpr std::size_t of_runs = 0, of_kinds = 1, of_splits = 32;  // lists: of runs, of cells of a kind, of a split's sequences
    bootstrap_draw out;
    for (const auto& run : o.runs) {
        philox of_losses = stream_of(purpose::resampled_losses, out.accounts.size());
        out.accounts.push_back(run.known);
        if (!options.losses || run.loss_covariance.empty()) continue;
        // L L' = covariance, which is singular where two strategies have the same losses.
        const std::size_t n = run.known.loss.size();
        const auto l = detail::semidefinite_root(run.loss_covariance, n, 0);
        if (l.empty()) throw std::invalid_argument("rationale::draw_bootstrap: a run's loss_covariance is not finite");
        std::vector<double> z(n);
        for (double& v : z) v = standard_normal(of_losses);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) out.accounts.back().loss[i] += l[i * n + j] * z[j];
    }
    const bool runs = options.runs.value_or(false), sequences = options.sequences && !runs;
    for (const auto& cell : o.cells) {
        auto& of_parts = out.parts[{cell.run, cell.split}];
        if (!of_parts.empty()) continue;
        philox rng = stream_of(purpose::resampled_cells, of_splits + 2 * cell.run + static_cast<std::size_t>(cell.split));
        of_parts = sequences ? draw_parts(rng, cell.parts) : std::vector<double>(cell.parts.size(), 1.0);
    }
    if (runs) {
        std::vector<bool> fitted(o.runs.size(), false);
        for (const auto& cell : o.cells) fitted[cell.run] = fitted[cell.run] || is_fitted(cell);
        std::vector<double> times(o.runs.size());
        philox rng = stream_of(purpose::resampled_cells, of_runs);
        for (bool kind : {true, false}) {
            std::vector<std::size_t> all;
            for (std::size_t r = 0; r < fitted.size(); ++r)
                if (fitted[r] == kind) all.push_back(r);
            for (std::size_t k = 0; k < all.size(); ++k) times[all[index(rng, all.size())]] += 1;
        }
        for (const auto& cell : o.cells) out.weights.push_back(times[cell.run]);
        return out;
    }
    out.weights.assign(o.cells.size(), options.cells ? 0.0 : 1.0);
    std::map<std::pair<split, cell_role>, std::vector<std::size_t>> kinds;
    for (std::size_t i = 0; options.cells && i < o.cells.size(); ++i) kinds[{o.cells[i].split, o.cells[i].role}].push_back(i);
    for (const auto& [kind, all] : kinds) {
        philox rng = stream_of(purpose::resampled_cells,
                               of_kinds + 2 * static_cast<std::size_t>(kind.second) + static_cast<std::size_t>(kind.first));
        for (std::size_t drawn = 0; drawn < all.size();) {
            // A block goes on to the run's next checkpoints, and from its last to its first.
            std::size_t at = index(rng, all.size());
            for (std::size_t k = 0; k < options.consecutive && drawn < all.size(); ++k, ++drawn) {
                out.weights[all[at]] += 1;
                const std::size_t run = o.cells[all[at]].run;
                if (at + 1 < all.size() && o.cells[all[at + 1]].run == run) ++at;
                else
                    while (at > 0 && o.cells[all[at - 1]].run == run) --at;
            }
        }
    }
    return out;
}

/// What is drawn when everything is taken once.
[[nodiscard]] inline bootstrap_draw everything_of(const observations& o) {
    bootstrap_draw out;
    for (const auto& run : o.runs) out.accounts.push_back(run.known);
    out.weights.assign(o.cells.size(), 1.0);
    for (const auto& cell : o.cells) out.parts[{cell.run, cell.split}].assign(cell.parts.size(), 1.0);
    return out;
}

/// A bootstrap draw with the losses of its cells. Only losses of cells that were drawn and that `use(cell)` chooses are summed; the
/// others are 0.
template <class Use>
[[nodiscard]] observed_sample resample(const observations& o, const bootstrap_draw& drawn, const Use& use) {
    observed_sample out{drawn.accounts, {}, drawn.weights};
    out.losses.reserve(o.cells.size());
    for (std::size_t i = 0; i < o.cells.size(); ++i) {
        const auto& cell = o.cells[i];
        out.losses.push_back(out.weights[i] > 0 && use(cell)
                                 ? mixture_loss::weighted_sum(cell.parts, drawn.parts.at({cell.run, cell.split}))
                                 : mixture_loss::none(cell.parts[0].strategies()));
    }
    return out;
}
[[nodiscard]] inline observed_sample resample(const observations& o, const bootstrap_draw& drawn) {
    return resample(o, drawn, [](const observed_cell&) { return true; });
}

}  // namespace rationale

#endif
