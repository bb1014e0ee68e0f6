#ifndef RATIONALE_COMPARE_MIXTURE_COMPRESSOR_HPP
#define RATIONALE_COMPARE_MIXTURE_COMPRESSOR_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "rationale/compare/divergence.hpp"
#include "rationale/compare/mixture_loss.hpp"

namespace rationale {

/// Sums up models against the same strategies: what depends on the strategies alone is computed once, and each model's `mixture_loss` is
/// linear in its predictions.
///
/// For two strategies the loss needs only the distribution, weighted with the model's probability, of x = log(Q_0/Q_1). The line is cut
/// into bins of width 2, and in each log(w e^x + 1 - w), whose nearest singularities lie at distance pi whatever w is, is interpolated at
/// 12 Chebyshev nodes: the loss agrees with the full sum to about 1e-10, for all weights. Outcomes that one strategy excludes, or with |x|
/// above 40, stay as they are. More strategies keep a term for every outcome.
class mixture_compressor {
public:
    /// Throws std::invalid_argument unless all strategies have one kind and shape. They must outlive the compressor when there are not two.
    explicit mixture_compressor(std::span<const predictions> strategies) : strategies_(strategies) {
        if (strategies.empty()) throw std::invalid_argument("rationale::mixture_compressor: there are 0 strategies, must be at least 1");
        for (const auto& q : strategies) detail::check_same_shape("rationale::mixture_compressor", strategies[0], q);
        if (strategies.size() != 2 || strategies[0].kind == prediction_kind::mean) return;
        const std::size_t n = strategies[0].values.size();
        bin_.assign(n, kept_);
        place_.assign(n, 0.0);
        log_second_.assign(n, 0.0);
        std::ptrdiff_t low = bins_each_side, high = -bins_each_side;
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t i = 0; i < n; ++i) {
                const double x = std::log(strategies[0].values.data()[i] / strategies[1].values.data()[i]);
                if (!(std::abs(x) < bin_width * bins_each_side)) continue;
                const auto bin = static_cast<std::ptrdiff_t>(std::floor(x / bin_width));
                low = (std::min)(low, bin), high = (std::max)(high, bin);
                if (pass == 0) continue;
                bin_[i] = static_cast<std::size_t>(bin - low);
                log_second_[i] = std::log(strategies[1].values.data()[i]);
                place_[i] = 2 * (x / bin_width - static_cast<double>(bin)) - 1;
            }
        low_ = low;
        bins_ = high < low ? 0 : static_cast<std::size_t>(high - low + 1);
    }

    /// The model's loss as a function of the mixture's weights. Throws std::invalid_argument when its shape is not the strategies'.
    [[nodiscard]] mixture_loss operator()(const predictions& model) const {
        detail::check_same_shape("rationale::mixture_compressor", strategies_[0], model);
        return model.kind == prediction_kind::mean ? of_means(model) : of_distributions(model);
    }

private:
    static constexpr double bin_width = 2;
    static constexpr std::ptrdiff_t bins_each_side = 20;
    static constexpr std::size_t nodes = 12;
    static constexpr std::size_t kept_ = static_cast<std::size_t>(-1);

    [[nodiscard]] mixture_loss of_means(const predictions& model) const {
        const std::size_t n = strategies_.size();
        const double events = static_cast<double>(model.sequences() * model.events());
        // For weights that sum to one the squared error is w'Rw, R the mean products of the strategies' own errors: nothing cancels.
        std::vector<double> products(n * n), error(n);
        for (std::size_t i = 0; i < model.values.size(); ++i) {
            for (std::size_t q = 0; q < n; ++q) error[q] = strategies_[q].values.data()[i] - model.values.data()[i];
            for (std::size_t q = 0; q < n; ++q)
                for (std::size_t r = 0; r <= q; ++r) products[q * n + r] += error[q] * error[r];
        }
        for (std::size_t q = 0; q < n; ++q)
            for (std::size_t r = 0; r <= q; ++r) products[r * n + q] = products[q * n + r] /= events;
        return mixture_loss::of_means(0, std::move(products), std::vector<double>(n));
    }

    [[nodiscard]] mixture_loss of_distributions(const predictions& model) const {
        const std::size_t n = strategies_.size();
        const double events = static_cast<double>(model.sequences() * model.events());
        std::vector<double> masses, ratios, moments(bins_ * nodes);
        double constant = 0;
        std::size_t excluded = 0;
        for (std::size_t i = 0; i < model.values.size(); ++i) {
            const double h = model.values.data()[i] / events;
            if (h == 0) continue;
            const double log_h = std::log(model.values.data()[i]);
            if (!bin_.empty() && bin_[i] != kept_) {
                constant += h * (log_h - log_second_[i]);
                double* const moment = moments.data() + bin_[i] * nodes;
                double before = 1, chebyshev = place_[i];
                moment[0] += h;
                for (std::size_t k = 1; k < nodes; ++k) {
                    moment[k] += h * chebyshev;
                    const double next = 2 * place_[i] * chebyshev - before;
                    before = chebyshev, chebyshev = next;
                }
                continue;
            }
            double largest = 0;
            for (const auto& q : strategies_) largest = (std::max)(largest, q.values.data()[i]);
            if (largest == 0) {
                ++excluded;
                continue;
            }
            constant += h * (log_h - std::log(largest));
            masses.push_back(h);
            for (const auto& q : strategies_) ratios.push_back(q.values.data()[i] / largest);
        }
        // From the moments of a bin to masses at its nodes: m_j = (1/nodes) sum_k (2 - [k=0]) T_k(x_j) M_k.
        for (std::size_t b = 0; b < bins_; ++b) {
            if (moments[b * nodes] == 0) continue;
            for (std::size_t j = 0; j < nodes; ++j) {
                const double angle = std::numbers::pi * (static_cast<double>(j) + 0.5) / nodes;
                double mass = moments[b * nodes];
                for (std::size_t k = 1; k < nodes; ++k) mass += 2 * std::cos(static_cast<double>(k) * angle) * moments[b * nodes + k];
                masses.push_back(mass / nodes);
                ratios.push_back(std::exp(bin_width * (static_cast<double>(low_) + static_cast<double>(b) + 0.5 * (std::cos(angle) + 1))));
                ratios.push_back(1);
            }
        }
        return {n, constant, std::move(masses), std::move(ratios), excluded};
    }

    std::span<const predictions> strategies_;
    std::vector<std::size_t> bin_;  // of each outcome, or kept_
    std::vector<double> place_;     // in its bin, from -1 to 1
    std::vector<double> log_second_;
    std::ptrdiff_t low_ = 0;
    std::size_t bins_ = 0;
};

}  // namespace rationale

#endif
