#ifndef RATIONALE_ANALYSIS_DETAIL_MASS_LAW_HPP
#define RATIONALE_ANALYSIS_DETAIL_MASS_LAW_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/detail/run_losses.hpp"
#include "rationale/explanation/law_explanation.hpp"
#include "rationale/universality/hypothesis_mass.hpp"

namespace rationale::detail {

/// Complexities of memorizing and generalizing, run by run, where memorizing takes, beside its program, the bits that name each seen task
/// to within 1/T nats per position by the prior's mass (universality/hypothesis_mass.hpp). Contexts of T positions are expected to tell
/// such tasks apart by a nat or less, so that what is finer would not show. Empty where a family has no such mass, or one that no draw met.
[[nodiscard]] inline std::vector<std::vector<double>> complexities_by_mass(const recording_source& from,
                                                                           const std::vector<run_losses>& losses,
                                                                           const any_executor& execute) {
    const auto& runs = from.runs;
    std::vector<std::optional<summed_bits>> bits(runs.size());
    execute(runs.size(), [&](std::size_t i) { bits[i] = runs[i]->bits_within(1 / static_cast<double>(runs[i]->facts.context)); });
    std::vector<std::vector<double>> out;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!bits[i] || !std::isfinite(bits[i]->bits)) return {};
        auto run = losses[i];
        run.descriptions[0].bits = bits[i]->bits, run.programs[0] = from.programs[0];
        out.push_back(first_complexities(run, 2));
    }
    return out;
}

/// The analysis's own law of memorizing and generalizing with those complexities, fitted to the cells that laws of these two are fitted to.
/// Other memories of the same tasks, of a chain's unigrams for instance, have no such bits and are left out. None without complexities, and
/// where the cells are too few.
[[nodiscard]] inline std::optional<law_explanation> mass_law(const recorded_stages& stages, const any_executor& execute) {
    const auto& law = stages.found.fit.law;
    const auto& seen = stages.of_two();
    if (static_cast<std::size_t>(std::count_if(seen.cells.begin(), seen.cells.end(), is_fitted)) < law.parameters().size())
        return std::nullopt;
    auto complexities = complexities_by_mass(stages.from, stages.losses, execute);
    if (complexities.empty()) return std::nullopt;
    auto sample = as_observed(seen);
    for (std::size_t i = 0; i < complexities.size(); ++i) sample.accounts[i].complexity = complexities[i];
    return law_explanation("bits_by_prior_mass", law.name() + " {M,G}, bits of M by prior mass within 1/T nats of each task", seen,
                           fit_to_cells(law, seen, sample, {}, stages.options.fit))
        .with_complexities(std::move(complexities));
}

}  // namespace rationale::detail

#endif
