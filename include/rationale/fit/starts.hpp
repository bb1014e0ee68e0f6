#ifndef RATIONALE_FIT_STARTS_HPP
#define RATIONALE_FIT_STARTS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "rationale/fit/law_objective.hpp"

namespace rationale::detail {

/// Number i of the sequence of van der Corput in a prime base: low-discrepancy points in (0, 1).
inline double van_der_corput(std::size_t i, std::size_t base) {
    double x = 0, place = 1;
    for (++i; i > 0; i /= base) {
        place /= static_cast<double>(base);
        x += place * static_cast<double>(i % base);
    }
    return x;
}

/// The parameter that the exposure is proportional to at the cells' training, gamma in the known laws; nullopt for a law without one.
inline std::optional<std::size_t> exposure_scale(const any_law& law, std::span<const fit_cell> cells) {
    const auto declared = law.parameters();
    std::vector<double> middle;
    std::vector<const training*> some;  // at three cells
    for (const auto& c : cells)
        if (c.at.steps > 0) some.push_back(&c.at);
    if (some.empty()) return std::nullopt;
    for (const auto& p : declared)
        middle.push_back(p.scale == search_scale::linear ? 0.5 * (p.start_from + p.start_to) : std::sqrt(p.start_from * p.start_to));
    for (std::size_t i = 0; i < law.evidence_parameters(); ++i) {
        if (declared[i].scale != search_scale::logarithmic) continue;
        auto twice = middle;
        twice[i] *= 2;
        bool proportional = true;
        for (const training* const n : {some.front(), some[some.size() / 2], some.back()}) {
            const double once = law.exposure(middle, *n);
            proportional = proportional && once > 0 && std::abs(law.exposure(twice, *n) - 2 * once) <= 1e-12 * once;
        }
        if (proportional) return i;
    }
    return std::nullopt;
}

/// Where the objective is low, as starts of searches: points of the start ranges, and for each of them the best scales of the exposure. The
/// scale at which a cell's log odds pass through 0, or are of order 1, follows from the other parameters, and a wrong one hides how good
/// these are: beyond all cells' passages nothing changes any more, and a search from there goes nowhere.
class start_screen {
public:
    using point = law_objective::point;
    using candidate = std::pair<double, point>;  ///< approximate objective, and the point

    explicit start_screen(const law_objective& objective)
        : objective_(objective), scale_(exposure_scale(objective.law(), objective.cells())) {
        for (const auto& c : objective.cells()) {
            auto& of_cell = alone_.emplace_back();
            const std::size_t n = objective.accounts()[c.account].loss.size();
            for (std::size_t q = 0; q < n && !c.context; ++q) {
                std::vector<double> w(n);
                w[q] = 1;
                of_cell.push_back((*c.loss)(w));
            }
        }
    }

    /// Starts of searches: the best `starts` that are found, then half as many of the best that lie apart from all those before, as a broad
    /// minimum fills the former and need not be the lowest. Evaluates points for the
    /// cost of `count` whole evaluations; where one strategy has all weight in most cells a point costs less, and more are evaluated.
    [[nodiscard]] std::vector<point> best(std::size_t count, std::size_t starts) const {
        auto found = look(count);
        std::sort(found.begin(), found.end());
        std::vector<point> out;
        for (std::size_t i = 0; i < found.size() && i < starts; ++i) out.push_back(found[i].second);
        for (std::size_t i = starts; i < found.size() && out.size() < starts + starts / 2; ++i)
            if (std::all_of(out.begin(), out.end(), [&](const point& u) { return apart(u, found[i].second); }))
                out.push_back(found[i].second);
        return out;
    }

private:
    static constexpr std::size_t least_scales = 16, most_scales = 256;

    /// A parameter's start range, in search coordinates.
    [[nodiscard]] std::pair<double, double> range(std::size_t i) const {
        const auto& p = objective_.law().parameters()[i];
        return {law_objective::to_search(p, p.start_from), law_objective::to_search(p, p.start_to)};
    }
    /// Number k of low-discrepancy points of the start ranges, in all coordinates but the scale's, which is 0.
    [[nodiscard]] point spread_point(std::size_t k) const {
        constexpr std::array<std::size_t, 8> primes{2, 3, 5, 7, 11, 13, 17, 19};
        point u(objective_.parameters());
        std::size_t prime = 0;
        for (std::size_t i = 0; i < u.size(); ++i) {
            if (i == scale_) continue;
            const auto [from, to] = range(i);
            u[i] = from + (to - from) * van_der_corput(k, primes[prime++ % primes.size()]);
            // One point in four starts on a linear parameter's lower bound: an optimum there is common, as alpha = 0 is.
            const auto& p = objective_.law().parameters()[i];
            if (p.scale == search_scale::linear && std::isfinite(p.lower) && k % 4 == 0) u[i] = search_range(p).first;
        }
        return u;
    }
    [[nodiscard]] std::vector<candidate> look(std::size_t count) const {
        const std::size_t open = objective_.parameters() - scale_.has_value(), most = open == 0 ? 1 : scale_ ? count / 2 : count;
        const auto bounds = objective_.bounds();
        std::vector<candidate> out;
        double work = 0;  // whole evaluations
        for (std::size_t k = 0; k < (std::max)(most, std::size_t{1}) && work < static_cast<double>(count); ++k) {
            point u = spread_point(k);
            if (scale_) {
                work += scan(std::move(u), bounds, out);
            } else {
                ++work;
                if (const double v = objective_.value(u); std::isfinite(v)) out.emplace_back(v, std::move(u));
            }
        }
        return out;
    }
    /// Whether a parameter other than the scale, which follows from the others, differs by more than an eighth of its start range.
    [[nodiscard]] bool apart(const point& u, const point& v) const {
        for (std::size_t i = 0; i < u.size(); ++i)
            if (const auto [from, to] = range(i); i != scale_ && std::abs(u[i] - v[i]) > (to - from) / 8) return true;
        return false;
    }

    /// Adds the scales of a point at which the objective is lower than beside them. Returns its cost in whole evaluations.
    double scan(point u, const box& bounds, std::vector<candidate>& out) const {
        // The log posteriors of a cell at scale s are prior_q - s gain_q.
        u[*scale_] = 0;
        const auto values = objective_.from_search(u);
        const auto& law = objective_.law();
        const auto cells = objective_.cells();
        std::vector<std::vector<double>> prior(cells.size()), gain(cells.size());
        // Log odds pass 0 at s = (difference of priors)/(difference of gains), and move by the former there while s grows by a factor of e.
        std::vector<double> passages, slopes;
        double total = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto& c = cells[i];
            if (!(c.weight > 0)) continue;
            total += c.weight;
            const auto& known = objective_.accounts()[c.account];
            const double exposure = law.exposure(values, c.at);
            prior[i] = law.log_posterior(values, known, c.at);
            const std::size_t n = prior[i].size();
            for (std::size_t q = 0; q < n; ++q) gain[i].push_back(exposure * known.loss[q]), prior[i][q] += gain[i][q];
            for (std::size_t q = 1; q < n; ++q)
                for (std::size_t r = n > 3 ? q - 1 : 0; r < q; ++r) {
                    const double apart = std::abs(prior[i][q] - prior[i][r]), per_scale = std::abs(gain[i][q] - gain[i][r]);
                    if (!(per_scale > 0) || !std::isfinite(per_scale) || !std::isfinite(apart)) continue;
                    passages.push_back(std::log((std::max)(apart, 1.0) / per_scale));
                    slopes.push_back(apart);
                }
        }
        if (passages.empty()) passages.push_back(0), slopes.push_back(1);
        const auto [first, last] = std::minmax_element(passages.begin(), passages.end());
        const double from = (std::max)(*first - 2, bounds.lower[*scale_]), to = (std::min)(*last + 2, bounds.upper[*scale_]);
        if (!(from < to)) return 1;
        const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
        std::nth_element(slopes.begin(), middle, slopes.end());
        const double wanted = (to - from) * *middle / 4;  // a passage takes some four nats
        const std::size_t count = wanted < least_scales  ? least_scales
                                  : wanted > most_scales ? most_scales
                                                         : static_cast<std::size_t>(wanted);
        const auto at = [&](std::size_t k) { return from + (to - from) * (static_cast<double>(k) + 0.5) / static_cast<double>(count); };
        std::size_t whole = 0;
        std::vector<double> found(count), log_p;
        for (std::size_t k = 0; k < count; ++k) {
            const double s = std::exp(at(k));
            for (std::size_t i = 0; i < cells.size(); ++i) {
                const auto& c = cells[i];
                if (!(c.weight > 0)) continue;
                log_p.resize(prior[i].size());
                std::size_t top = 0;
                for (std::size_t q = 0; q < log_p.size(); ++q) {
                    log_p[q] = prior[i][q] - s * gain[i][q];
                    if (log_p[q] > log_p[top]) top = q;
                }
                bool all = !c.context && std::isfinite(alone_[i][top]);
                for (std::size_t q = 0; q < log_p.size(); ++q) all = all && (q == top || log_p[q] < log_p[top] - 25);
                if (all) found[k] += c.weight * alone_[i][top];
                else
                    ++whole, found[k] += c.weight * (c.context ? c.context->value(log_p, values[*law.context_parameter()])
                                                               : c.loss->at_log_weights(log_softmax(log_p)));
            }
        }
        for (std::size_t k = 0; k < count; ++k)
            if (std::isfinite(found[k]) && (k == 0 || found[k] <= found[k - 1]) && (k + 1 == count || found[k] < found[k + 1])) {
                u[*scale_] = at(k);
                out.emplace_back(found[k] / total, u);
            }
        return 0.5 + static_cast<double>(whole) / static_cast<double>(cells.size());
    }

    const law_objective& objective_;
    std::optional<std::size_t> scale_;
    std::vector<std::vector<double>> alone_;  // of each cell, the loss of each strategy
};

}  // namespace rationale::detail

#endif
