#ifndef RATIONALE_COMPARE_MIXTURE_COMPRESSOR_HPP
#define RATIONALE_COMPARE_MIXTURE_COMPRESSOR_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numbers>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/compare/divergence.hpp"
#include "rationale/compare/mixture_loss.hpp"
#include "rationale/compare/skeleton.hpp"
#include "rationale/kept.hpp"
#include "rationale/task/extent.hpp"

namespace rationale {

/// Sums up models against the same strategies: what depends on the strategies alone is computed once, and each model's `mixture_loss` is
/// linear in its predictions.
///
/// For two strategies the loss needs only the distribution, weighted with the model's probability, of x = log(Q_0/Q_1), and for three that
/// of log(Q_0/Q_2) and log(Q_1/Q_2). The line, or plane, is cut into cells of width 1, and in each log(w e^x + 1 - w), whose nearest
/// singularities lie at distance pi in the complex plane whatever w is, is interpolated at 9 Chebyshev nodes a direction: the loss agrees
/// with the full sum to about 1e-10, for all weights. Outcomes that a strategy excludes, or with |x| above 40, or in cells with fewer of
/// them than nodes, stay as they are. More strategies keep a term for every outcome, or, given mixtures like those that will be asked for,
/// a few outcomes by which, to about 1e-5 nats, the others' terms are interpolated.
class mixture_compressor {
public:
    /// Throws std::invalid_argument unless all strategies have one kind and shape, and for predictions that are no numbers, as masked ones.
    /// A temporary vector of strategies is kept; others must outlive the compressor.
    explicit mixture_compressor(kept_list<predictions> strategies) : strategies_(std::move(strategies)) {
        constexpr const char* where = "rationale::mixture_compressor";
        detail::check_at_least(where, "the number of strategies", strategies_.size(), 1);
        for (const auto& q : strategies_) {
            detail::check_same_shape(where, strategies_[0], q);
            detail::check_finite(where, "a strategy's predictions", {q.values.data(), q.values.size()});
        }
        if (strategies_[0].kind == prediction_kind::mean) return;
        const bool few = strategies_.size() == 2 || strategies_.size() == 3;
        list_terms(few ? sort_into_cells() : every_outcome());
    }
    /// For mixtures like the probes: outcomes whose part of the loss is a combination of others', to 1e-6 nats at the probes, are left to
    /// these. Takes outcomes x probes x terms. Throws std::invalid_argument for no probes, and one without a weight for each strategy.
    mixture_compressor(kept_list<predictions> strategies, std::span<const std::vector<double>> probes)
        : mixture_compressor(std::move(strategies)) {
        detail::check_at_least("rationale::mixture_compressor", "the number of probes", probes.size(), 1);
        for (const auto& probe : probes) detail::check_size("rationale::mixture_compressor", "a probe", probe.size(), strategies_.size());
        if (strategies_[0].kind == prediction_kind::distribution && strategies_.size() > 3) reduce_to_skeleton(probes);
    }

    /// The model's loss as a function of the mixture's weights. Throws std::invalid_argument when its shape is not the strategies', and for
    /// predictions that are no numbers.
    [[nodiscard]] mixture_loss operator()(const prediction_view& model) const {
        detail::check_same_shape("rationale::mixture_compressor", strategies_[0], model);
        std::vector<double> room;
        return part(model.rows(0, model.sequences(), room).data(), 0, model.sequences());
    }

    /// The model's loss as a sum of n parts, each of sequences that stand together, S/n of S rounded up or down; fewer parts where there
    /// are fewer sequences. Sequences are independent, so parts may be resampled: `mixture_loss::weighted_sum` puts them together, and
    /// their `share` says what to divide by. Throws std::invalid_argument where operator() does, and for n = 0.
    [[nodiscard]] std::vector<mixture_loss> parts(const prediction_view& model, std::size_t n) const {
        detail::check_same_shape("rationale::mixture_compressor", strategies_[0], model);
        detail::check_at_least("rationale::mixture_compressor", "n", n, 1);
        const std::size_t sequences = model.sequences();
        n = (std::min)(n, sequences);
        std::vector<double> room;
        const double* const h = model.rows(0, sequences, room).data();
        std::vector<mixture_loss> out;
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t first = i * sequences / n, last = (i + 1) * sequences / n;
            out.push_back(part(h, first, last));
            out.back().set_share(static_cast<double>(last - first) / static_cast<double>(sequences));
        }
        return out;
    }

private:
    static constexpr double width = 1;
    static constexpr std::size_t cells_each_side = 40, nodes = 9;
    static constexpr std::size_t chunk = 120;  // numbers in a row; with a power of 2 the rows would share few of the cache's sets
    using terms = mixture_loss::terms;
    using outcomes = std::vector<std::size_t>;

    struct cell {
        std::array<double, 2> low;  // corner, in units of the width
        std::size_t begin, end;     // in outcome_ and place_
    };

    /// Directions that are cut into cells.
    [[nodiscard]] std::size_t directions() const noexcept { return strategies_.size() - 1; }
    [[nodiscard]] std::size_t nodes_of_a_cell() const noexcept { return directions() == 1 ? nodes : nodes * nodes; }
    static double node(std::size_t j) { return std::cos(std::numbers::pi * (static_cast<double>(j) + 0.5) / nodes); }

    [[nodiscard]] outcomes every_outcome() const {
        outcomes all(strategies_[0].values.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        return all;
    }

    /// Sets the cells and what is in them; returns the outcomes that are in none.
    outcomes sort_into_cells() {
        constexpr std::size_t side = 2 * cells_each_side;
        const std::size_t n = strategies_[0].values.size(), none = directions() == 1 ? side : side * side;
        const double* const last = strategies_.back().values.data();
        std::vector<terms> x(directions(), terms(n));
        for (std::size_t d = 0; d < directions(); ++d)
            kernel::over_lanes<kernel::native_lanes>(n, [&]<class V>(std::size_t i) {
                using access = kernel::lane_access<V>;
                const V p = access::load(strategies_[d].values.data() + i), q = access::load(last + i);
                const V ratio = kernel::select(p == V(0.0), V(kernel::minus_infinity), kernel::log_ratio(p, q));
                access::store(ratio * V(1 / width), x[d].data() + i);
            });
        std::vector<std::uint16_t> cell_of(n);
        outcomes count(none + 1), next(none + 1);
        for (std::size_t i = 0; i < n; ++i) {
            std::size_t c = 0;
            for (const auto& along : x)
                c = c == none || !(std::abs(along[i]) < cells_each_side)
                        ? none
                        : c * side + static_cast<std::size_t>(std::floor(along[i]) + cells_each_side);
            cell_of[i] = static_cast<std::uint16_t>(c);
            ++count[c];
        }
        const auto crowded = [&](std::size_t c) { return c != none && count[c] >= nodes_of_a_cell(); };
        const auto corner = [](std::size_t k) { return static_cast<double>(k) - cells_each_side; };
        std::size_t begin = 0;
        for (std::size_t c = 0; c < none; ++c) {
            if (!crowded(c)) continue;
            cells_.push_back({{corner(directions() == 1 ? c : c / side), corner(c % side)}, begin, begin + count[c]});
            next[c] = begin;
            begin += count[c];
        }
        outcome_.resize(begin);
        place_.assign(directions(), terms(begin + chunk));
        outcomes kept;
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t c = cell_of[i];
            if (!crowded(c)) {
                kept.push_back(i);
                continue;
            }
            for (std::size_t d = 0; d < directions(); ++d) place_[d][next[c]] = 2 * (x[d][i] - std::floor(x[d][i])) - 1;
            outcome_[next[c]++] = i;
        }
        return kept;
    }

    /// The terms of every model's loss: the nodes of each cell, then the outcomes that are kept.
    void list_terms(outcomes kept) {
        const std::size_t n = strategies_.size(), first = cells_.empty() ? 0 : cells_.size() * nodes_of_a_cell();
        size_ = (first + kept.size() + kernel::pack_size - 1) / kernel::pack_size * kernel::pack_size;
        auto ratios = std::make_shared<terms>(n * size_, 1.0);
        reference_.assign(strategies_[0].values.size(), 0.0);
        for (std::size_t i = 0; i < first; ++i) {
            const auto& low = cells_[i / nodes_of_a_cell()].low;
            const std::size_t j = i % nodes_of_a_cell();
            for (std::size_t d = 0; d < directions(); ++d)
                (*ratios)[d * size_ + i] = std::exp(width * (low[d] + 0.5 * (node(d + 1 == directions() ? j % nodes : j / nodes) + 1)));
        }
        for (std::size_t i : outcome_) reference_[i] = strategies_.back().values.data()[i];
        for (std::size_t k = 0; k < kept.size(); ++k) {
            double largest = 0;
            for (const auto& q : strategies_) largest = (std::max)(largest, q.values.data()[kept[k]]);
            reference_[kept[k]] = largest;
            if (largest == 0) excluded_.push_back(first + k);
            else
                for (std::size_t q = 0; q < n; ++q) (*ratios)[q * size_ + first + k] = strategies_[q].values.data()[kept[k]] / largest;
        }
        ratios_ = std::move(ratios);
        kept_ = std::move(kept);
    }

    /// Keeps the outcomes of a skeleton, and those that a strategy excludes.
    void reduce_to_skeleton(std::span<const std::vector<double>> probes) {
        const std::size_t n = strategies_.size();
        outcomes rest;
        for (std::size_t k = 0; k < kept_.size(); ++k) {
            bool positive = true;
            for (std::size_t q = 0; q < n; ++q) positive = positive && (*ratios_)[q * size_ + k] > 1e-30;
            (positive ? member_ : rest).push_back(kept_[k]);
        }
        const std::size_t rows = probes.size() + 1;  // and the first one times e, so that masses keep their sum
        std::vector<double> weights(n * rows);
        for (std::size_t q = 0; q < n; ++q)
            for (std::size_t i = 0; i < rows; ++i) weights[q * rows + i] = probes[i % probes.size()][q];
        std::vector<double> values(member_.size() * rows);
        for (std::size_t m = 0; m < member_.size(); ++m) {
            double* const of_member = values.data() + m * rows;
            const double reference = reference_[member_[m]];
            kernel::over_lanes<kernel::native_lanes>(rows, [&]<class V>(std::size_t i) {
                using access = kernel::lane_access<V>;
                V mixed(0.0);
                for (std::size_t q = 0; q < n; ++q)
                    mixed = access::multiply_add(access::load(weights.data() + q * rows + i), V(strategies_[q].values.data()[member_[m]]),
                                                 mixed);
                // Of nothing 0.
                const V logs = kernel::logarithm(kernel::select(mixed == V(0.0), V(reference), mixed) / V(reference));
                access::store(V(reference) * logs, of_member + i);
            });
            of_member[probes.size()] += reference;
        }
        const auto found = detail::choose_skeleton(values, rows, 1e-6, 320);
        rank_ = found.chosen.size();
        coefficient_ = found.coefficients;
        outcomes chosen;
        for (std::size_t j : found.chosen) chosen.push_back(member_[j]);
        for (std::size_t m = 0; m < member_.size(); ++m)
            for (std::size_t j = 0; j < rank_; ++j) coefficient_[m * rank_ + j] *= reference_[chosen[j]] / reference_[member_[m]];
        const std::size_t whole = chosen.size();
        chosen.insert(chosen.end(), rest.begin(), rest.end());
        excluded_.clear();
        const auto reference = reference_;
        list_terms(std::move(chosen));
        kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(whole));
        reference_ = reference;
    }

    /// What sequences from `first` to before `last` give of the mean over all events, h being what the model predicts.
    [[nodiscard]] mixture_loss part(const double* h, std::size_t first, std::size_t last) const {
        const auto& as = strategies_[0];
        const std::size_t size = as.events() * as.outcomes();
        const double share = 1 / static_cast<double>(as.sequences() * as.events());
        return as.kind == prediction_kind::mean ? of_means(h, first * size, last * size, share)
                                                : of_distributions(h, first * size, last * size, share);
    }

    [[nodiscard]] mixture_loss of_means(const double* h, std::size_t first, std::size_t last, double share) const {
        const std::size_t n = strategies_.size();
        // For weights that sum to one the squared error is w'Rw, R the mean products of the strategies' own errors: nothing cancels.
        std::vector<double> products(n * n);
        for (std::size_t q = 0; q < n; ++q)
            for (std::size_t r = 0; r <= q; ++r) {
                const auto product = [&]<class V>(std::size_t i) {
                    using access = kernel::lane_access<V>;
                    const V of_model = access::load(h + first + i);
                    return (access::load(strategies_[q].values.data() + first + i) - of_model) *
                           (access::load(strategies_[r].values.data() + first + i) - of_model);
                };
                products[r * n + q] = products[q * n + r] = share * kernel::sum_over_lanes<kernel::native_lanes>(last - first, product);
            }
        check_sum(products[0]);
        return mixture_loss::of_means(0, std::move(products), std::vector<double>(n));
    }

    [[nodiscard]] mixture_loss of_distributions(const double* h, std::size_t first, std::size_t last, double share) const {
        // What the model's sums lack of one an event counts as it does in kl; the mixtures' sums are one.
        const double sum = kernel::sum_over_lanes<kernel::native_lanes>(last - first, [&]<class V>(std::size_t i) {
            using access = kernel::lane_access<V>;
            const V p = access::load(h + first + i), q = access::load(reference_.data() + first + i);
            return kernel::select(q == V(0.0), V(0.0), p * kernel::log_ratio(p, q)) - p;
        });
        check_sum(sum);
        const double constant = sum + static_cast<double>((last - first) / strategies_[0].outcomes());
        terms masses(size_);
        double* mass = masses.data();
        // The outcomes of a cell are in order.
        const auto from = [&](std::size_t begin, std::size_t end, std::size_t outcome) {
            const auto at = outcome_.begin() + static_cast<std::ptrdiff_t>(begin);
            return begin +
                   static_cast<std::size_t>(std::lower_bound(at, outcome_.begin() + static_cast<std::ptrdiff_t>(end), outcome) - at);
        };
        for (const cell& c : cells_) {
            const cell some{c.low, from(c.begin, c.end, first), from(c.begin, c.end, last)};
            if (some.begin < some.end) directions() == 1 ? add_cell<1>(some, h, share, mass) : add_cell<nodes>(some, h, share, mass);
            mass += nodes_of_a_cell();
        }
        for (std::size_t m = from_member(first), end = from_member(last); m < end; ++m)
            for (std::size_t j = 0; j < rank_; ++j) mass[j] += share * h[member_[m]] * coefficient_[m * rank_ + j];
        mass += rank_;
        for (std::size_t i : kept_) *mass++ = first <= i && i < last ? share * h[i] : 0.0;
        std::size_t excluded = 0;
        for (std::size_t i : excluded_) excluded += std::exchange(masses[i], 0.0) != 0;
        return {strategies_.size(), share * constant, std::move(masses), ratios_, excluded};
    }

    /// A sum over all that a model predicts is a number, as the strategies' predictions are, unless one of its own is none.
    static void check_sum(double sum) {
        if (std::isnan(sum)) detail::refuse("rationale::mixture_compressor", "a prediction of the model", "nan", "a number");
    }

    [[nodiscard]] std::size_t from_member(std::size_t outcome) const {
        return static_cast<std::size_t>(std::lower_bound(member_.begin(), member_.end(), outcome) - member_.begin());
    }

    /// Calls visit(k, factor T_k(x)), T_k Chebyshev's polynomials.
    template <class V, class Visit>
    static void each_chebyshev(V x, V factor, const Visit& visit) noexcept {
        V before = x * factor, now = factor;  // T_{-1} = T_1
        const V twice = x + x;
        extent<nodes>::each([&](std::size_t k) {
            visit(k, now);
            before = std::exchange(now, k == 0 ? before : twice * now - before);
        });
    }

    /// Masses at the nodes (x_i, y_j) of a cell with the moments M_kl = sum h T_k(x) T_l(y) of the outcomes in it:
    /// m_ij = sum_kl c_ki c_lj M_kl with c_ki = (2 - [k=0]) T_k(x_i)/nodes. `Second` is 1 when there is no second direction.
    template <std::size_t Second>
    void add_cell(const cell& c, const double* h, double share, double* masses) const {
        using V = kernel::native_lanes::of<double>;
        using access = kernel::lane_access<V>;
        constexpr std::size_t lanes = kernel::lane_count<V>, tile = 3;
        std::array<V, nodes * Second> sums;
        sums.fill(V(0.0));
        alignas(64) double mass[chunk], first[nodes * chunk], second[nodes * chunk];
        for (std::size_t begin = c.begin; begin < c.end; begin += chunk) {
            const std::size_t count = (std::min)(chunk, c.end - begin), whole = (count + lanes - 1) / lanes * lanes;
            for (std::size_t i = 0; i < count; ++i) mass[i] = h[outcome_[begin + i]];
            std::fill(mass + count, mass + whole, 0.0);
            const auto place = [&](std::size_t d, std::size_t i) { return access::load(place_[d].data() + begin + i); };
            if constexpr (Second == 1) {
                for (std::size_t i = 0; i < whole; i += lanes)
                    each_chebyshev(place(0, i), access::load(mass + i), [&](std::size_t k, V t) { sums[k] = sums[k] + t; });
            } else {
                for (std::size_t i = 0; i < whole; i += lanes) {
                    each_chebyshev(place(0, i), access::load(mass + i),
                                   [&](std::size_t k, V t) { access::store(t, first + k * chunk + i); });
                    each_chebyshev(place(1, i), V(1.0), [&](std::size_t l, V t) { access::store(t, second + l * chunk + i); });
                }
                // The sums over the chunk of each row of the first with each of the second, a few of either at a time.
                for (std::size_t k = 0; k < nodes; k += tile)
                    for (std::size_t l = 0; l < Second; l += tile) {
                        std::array<V, tile * tile> part;
                        std::array<V, tile> y;
                        extent<tile * tile>::each([&](std::size_t e) { part[e] = sums[(k + e / tile) * Second + l + e % tile]; });
                        for (std::size_t i = 0; i < whole; i += lanes) {
                            extent<tile>::each([&](std::size_t b) { y[b] = access::load(second + (l + b) * chunk + i); });
                            extent<tile>::each([&](std::size_t a) {
                                const V x = access::load(first + (k + a) * chunk + i);
                                extent<tile>::each(
                                    [&](std::size_t b) { part[a * tile + b] = access::multiply_add(x, y[b], part[a * tile + b]); });
                            });
                        }
                        extent<tile * tile>::each([&](std::size_t e) { sums[(k + e / tile) * Second + l + e % tile] = part[e]; });
                    }
            }
        }
        std::array<double, nodes * Second> rows{};
        for (std::size_t k = 0; k < nodes; ++k)
            for (std::size_t l = 0; l < Second; ++l) {
                const double moment = share * kernel::lane_sum(sums[k * Second + l]);
                for (std::size_t i = 0; i < nodes; ++i) rows[i * Second + l] += at_nodes_[k * nodes + i] * moment;
            }
        for (std::size_t i = 0; i < nodes * Second; ++i)
            if constexpr (Second == 1) masses[i] = rows[i];
            else
                for (std::size_t l = 0; l < nodes; ++l) masses[i] += at_nodes_[l * nodes + i % nodes] * rows[i / nodes * nodes + l];
    }

    using square = std::array<double, nodes * nodes>;
    static square chebyshev_at_nodes() {
        square out{};
        for (std::size_t k = 0; k < nodes; ++k)
            for (std::size_t j = 0; j < nodes; ++j)
                out[k * nodes + j] = (k == 0 ? 1 : 2) * std::cos(static_cast<double>(k) * std::acos(node(j))) / nodes;
        return out;
    }

    kept_list<predictions> strategies_;
    square at_nodes_ = chebyshev_at_nodes();  // c_ki
    std::vector<cell> cells_;
    outcomes outcome_;                 // those in cells, a cell after the other
    std::vector<terms> place_;         // of each in its cell, from -1 to 1, along each direction; with room for a chunk at the end
    outcomes member_;                  // of the skeleton's, in order
    std::vector<double> coefficient_;  // member_ x rank_
    std::size_t rank_ = 0;
    outcomes kept_, excluded_;  // outcomes with a term of their own; terms of those that all strategies exclude
    terms reference_;           // of each outcome, what its ratios are to; 0 where it is excluded
    std::size_t size_ = 0;
    std::shared_ptr<const terms> ratios_;
};

}  // namespace rationale

#endif
