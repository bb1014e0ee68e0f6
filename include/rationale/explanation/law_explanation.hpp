#ifndef RATIONALE_EXPLANATION_LAW_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_LAW_EXPLANATION_HPP

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/explanation/explanation.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/sandwich.hpp"

namespace rationale {

/// A law over the strategies of observations, or over a range of memories whose nodes have prior masses of their own.
class law_explanation : public explanation_of_cells {
public:
    /// Of a law that was fitted to the fitted cells of `seen`, which must outlive it. `log_mass` takes the place of the runs' own where it
    /// is not empty.
    law_explanation(std::string key, std::string words, const observations& seen, law_fit fit, std::vector<double> log_mass = {})
        : explanation_of_cells({.key = std::move(key),
                                .words = std::move(words),
                                .parameters = fit.values.size(),
                                .values = fit.values,
                                .identifiable = fit.identifiable()},
                               seen),
          fit_(std::move(fit)),
          log_mass_(std::move(log_mass)) {
        for (const auto& p : fit_.declared()) facts_.names.emplace_back(p.name);
    }
    /// A further parameter was chosen beside those of the law: it counts, and is not fitted again.
    [[nodiscard]] law_explanation with(std::string name, double value) && {
        facts_.names.push_back(std::move(name)), facts_.values.push_back(value), ++facts_.parameters;
        return std::move(*this);
    }

    /// Of a law whose runs have these complexities, each run's strategy by strategy, in place of those that the observations say.
    [[nodiscard]] law_explanation with_complexities(std::vector<std::vector<double>> of_runs) && {
        complexities_ = std::move(of_runs);
        return std::move(*this);
    }

    /// The fit itself.
    [[nodiscard]] const law_fit& fitted() const noexcept { return fit_; }
    /// The prior masses it was made with; empty for the runs' own.
    [[nodiscard]] const std::vector<double>& log_mass() const noexcept { return log_mass_; }

    /// Values by one local search from the fit, or from its optimum that is the lowest on the sample; NaN for those that `with` has added,
    /// which are not searched.
    [[nodiscard]] std::vector<double> fit(const recorded_sample& sample, const cell_choice& use) const {
        const auto& s = sample.of(*seen_);
        auto out = refit(fit_, accounts_of(s), cells_of(*seen_, s, use));
        out.resize(facts_.values.size(), std::numeric_limits<double>::quiet_NaN());
        return out;
    }
    /// Divergences of the law's mixtures.
    [[nodiscard]] std::vector<double> losses(const std::vector<double>& values, const recorded_sample& sample,
                                             const cell_choice& use) const {
        const auto& s = sample.of(*seen_);
        const auto known = accounts_of(s);
        const auto of_law = std::span(values).first(fit_.values.size());
        return losses_of_drawn(s.weights, use, [&](std::size_t i) {
            const auto& c = seen_->cells[i];
            return s.losses[i](fit_.law.weights(of_law, known[c.run], c.at));
        });
    }
    /// None for a law that is not identifiable.
    [[nodiscard]] std::optional<double> optimism(const bootstrap_options& options) const {
        if (!fit_.identifiable()) return std::nullopt;
        if (log_mass_.empty() && complexities_.empty()) return sandwich(*seen_, fit_, options).optimism;
        auto seen = *seen_;
        for (std::size_t i = 0; i < seen.runs.size(); ++i) put_own(i, seen.runs[i].known);
        return sandwich(seen, fit_, options).optimism;
    }

private:
    [[nodiscard]] std::vector<account> accounts_of(const observed_sample& s) const {
        auto out = s.accounts;
        for (std::size_t i = 0; i < out.size(); ++i) put_own(i, out[i]);
        return out;
    }
    /// Prior masses and complexities that it was made with, in place of a run's own.
    void put_own(std::size_t run, account& a) const {
        if (!log_mass_.empty()) a.log_mass = log_mass_;
        if (!complexities_.empty()) a.complexity = complexities_[run];
    }

    law_fit fit_;
    std::vector<double> log_mass_;
    std::vector<std::vector<double>> complexities_{};
};

/// Fits a law to the fitted cells of a sample, with prior masses of its own where `log_mass` is not empty.
[[nodiscard]] inline law_fit fit_to_cells(const any_law& law, const observations& seen, const observed_sample& sample,
                                          const std::vector<double>& log_mass, const fit_options& options) {
    auto known = sample.accounts;
    if (!log_mass.empty())
        for (auto& a : known) a.log_mass = log_mass;
    return fit_law(law, known, cells_of(seen, sample, is_fitted), options);
}

}  // namespace rationale

#endif
