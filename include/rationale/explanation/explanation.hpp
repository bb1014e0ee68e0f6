#ifndef RATIONALE_EXPLANATION_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_EXPLANATION_HPP

#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rationale/explanation/recorded_sample.hpp"
#include "rationale/fit/observations.hpp"

namespace rationale {

/// What an explanation is measured as.
enum class explanation_kind {
    law,       ///< parameters that hold for all cells
    baseline,  ///< weights that do not depend on training: what a law has to pass
    ceiling    ///< parameters of every cell's own: what no law of the same predictions can pass
};

/// The kind as results name it.
[[nodiscard]] constexpr const char* words(explanation_kind kind) noexcept {
    constexpr const char* names[]{"law", "baseline", "ceiling"};
    return names[static_cast<int>(kind)];
}

/// What is said of an explanation beside its scores.
struct explanation_facts {
    std::string key{};                                         ///< by which its row is found
    std::string words{};                                       ///< as reports have it
    explanation_kind kind = explanation_kind::law;             ///< law, baseline or ceiling
    std::size_t parameters = 0;                                ///< how many were fitted; of a ceiling, in every cell
    std::vector<std::string> names{};                          ///< of the parameters whose values are said
    std::vector<double> values{};                              ///< of these, fitted to the fitted cells; others may follow them
    bool identifiable = true;                                  ///< whether the cells determine all of them
    bool refits = true;                                        ///< whether it is fitted again to resampled cells
    double spread = std::numeric_limits<double>::quiet_NaN();  ///< of the best log values of the fitted cells around it: standard deviation
};

/// Which cells.
using cell_choice = std::function<bool(const observed_cell&)>;

/// An explanation says what the model predicts in every cell. It is fitted to cells, and gives a divergence for a cell.
///
///   facts()                      what is said of it, with the values fitted to the cells as they were recorded
///   cells()                      the observations whose cells it explains; they outlive it
///   fit(sample, use)             values fitted to the cells of a sample for which use(cell), from facts().values on
///   losses(values, sample, use)  divergence of each cell for which use(cell), NaN of the others: KL(model || prediction) in nats, or
///                                squared error, mean over the sample's sequences
///   optimism(options)            optional: expected gap between the mean over the fitted cells and that over fresh ones
///
/// fit and losses are called from several threads at a time. Models: law_explanation, same_weights, cell_explanation,
/// power_explanation, own_visits_explanation, context_explanation.
template <class E>
concept explanation = requires(const E& e, const std::vector<double>& values, const recorded_sample& sample, const cell_choice& use) {
    { e.facts() } -> std::convertible_to<const explanation_facts&>;
    { e.cells() } -> std::same_as<const observations&>;
    { e.fit(sample, use) } -> std::same_as<std::vector<double>>;
    { e.losses(values, sample, use) } -> std::same_as<std::vector<double>>;
};

/// What explanations have in common: their facts, and the observations whose cells they explain, which must outlive them.
class explanation_of_cells {
public:
    /// What is said of it.
    [[nodiscard]] const explanation_facts& facts() const noexcept { return facts_; }
    /// The observations.
    [[nodiscard]] const observations& cells() const noexcept { return *seen_; }

protected:
    /// Of observations that outlive it.
    explanation_of_cells(explanation_facts facts, const observations& seen) : facts_(std::move(facts)), seen_(&seen) {}

    /// loss(i) of every cell that was drawn and for which use(cell), NaN of the others. `weights` say how often each was drawn.
    template <class Loss>
    [[nodiscard]] std::vector<double> losses_of_drawn(const std::vector<double>& weights, const cell_choice& use, const Loss& loss) const {
        std::vector<double> out(weights.size(), std::numeric_limits<double>::quiet_NaN());
        for (std::size_t i = 0; i < out.size(); ++i)
            if (weights[i] > 0 && use(seen_->cells[i])) out[i] = loss(i);
        return out;
    }

    explanation_facts facts_;   ///< which a model completes
    const observations* seen_;  ///< not null
};

/// Any explanation, its type forgotten.
class any_explanation {
public:
    /// Takes it by value.
    template <explanation E>
        requires(!std::same_as<E, any_explanation>)
    any_explanation(E e) : of_(std::make_shared<const erased<E>>(std::move(e))) {}  // NOLINT(google-explicit-constructor): a list of them

    /// What is said of it.
    [[nodiscard]] const explanation_facts& facts() const { return of_->facts(); }
    /// The observations whose cells it explains.
    [[nodiscard]] const observations& cells() const { return of_->cells(); }
    /// Its values, fitted to those cells of a sample for which use(cell).
    [[nodiscard]] std::vector<double> fit(const recorded_sample& s, const cell_choice& use) const { return of_->fit(s, use); }
    /// The divergences of those cells, given its values.
    [[nodiscard]] std::vector<double> losses(const std::vector<double>& values, const recorded_sample& s, const cell_choice& use) const {
        return of_->losses(values, s, use);
    }
    /// None for an explanation that has none.
    [[nodiscard]] std::optional<double> optimism(const bootstrap_options& options) const { return of_->optimism(options); }

private:
    struct base {
        virtual ~base() = default;
        [[nodiscard]] virtual const explanation_facts& facts() const = 0;
        [[nodiscard]] virtual const observations& cells() const = 0;
        [[nodiscard]] virtual std::vector<double> fit(const recorded_sample& s, const cell_choice& use) const = 0;
        [[nodiscard]] virtual std::vector<double> losses(const std::vector<double>& v, const recorded_sample& s,
                                                         const cell_choice& use) const = 0;
        [[nodiscard]] virtual std::optional<double> optimism(const bootstrap_options& options) const = 0;
    };
    template <class E>
    struct erased final : base {
        explicit erased(E e) : of(std::move(e)) {}
        const explanation_facts& facts() const override { return of.facts(); }
        const observations& cells() const override { return of.cells(); }
        std::vector<double> fit(const recorded_sample& s, const cell_choice& use) const override { return of.fit(s, use); }
        std::vector<double> losses(const std::vector<double>& v, const recorded_sample& s, const cell_choice& use) const override {
            return of.losses(v, s, use);
        }
        std::optional<double> optimism(const bootstrap_options& options) const override {
            if constexpr (requires { of.optimism(options); }) return of.optimism(options);
            else return std::nullopt;
        }
        E of;
    };
    std::shared_ptr<const base> of_;
};

}  // namespace rationale

#endif
