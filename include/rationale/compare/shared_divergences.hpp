#ifndef RATIONALE_COMPARE_SHARED_DIVERGENCES_HPP
#define RATIONALE_COMPARE_SHARED_DIVERGENCES_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "rationale/compare/divergence.hpp"
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/kernel/over_lanes.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::detail {

/// A model whose divergences from many predictions are asked for, with sum p log p - p of each of its sequences.
struct summed_model {
    predictions model;
    std::vector<double> own{};

    template <class Lanes = kernel::native_lanes>
    static summed_model of(predictions model, Lanes = {}) {
        summed_model out{std::move(model)};
        for (std::size_t s = 0; s < out.model.sequences() && out.model.kind == prediction_kind::distribution; ++s) {
            const auto h = row(std::as_const(out.model.values), s);
            out.own.push_back(kernel::sum_over_lanes<Lanes>(h.size(), [&]<class V>(std::size_t i) {
                const V p = kernel::lane_access<V>::load(h.data() + i);
                return kernel::select(p == V(0.0), V(0.0), p * kernel::logarithm(p)) - p;
            }));
        }
        return out;
    }
};

/// Predictions from which many models' divergences are asked for, as `divergences_from` has them. Their logarithms are taken once, and
///
///   KL(p || q) = (sum p log p - p) - sum p log q + sum q
///
/// takes a multiplication and an addition an outcome. It is right to about 1e-15 nats an event, where `kl` is relatively exact; what
/// rounding leaves below 0 is 0. Predictions that exclude an outcome, and means, are compared as `divergences_from` does.
class shared_divergences {
public:
    template <class Lanes = kernel::native_lanes>
    explicit shared_divergences(predictions q, Lanes = {}) : q_(std::move(q)) {
        if (q_.kind == prediction_kind::mean) return;
        const std::span<double> values(q_.values.data(), q_.values.size());
        if (!std::all_of(values.begin(), values.end(), [](double x) { return x > 0 && std::isfinite(x); })) return;
        for (std::size_t s = 0; s < q_.sequences(); ++s) {
            const auto of_sequence = row(q_.values, s);
            sums_.push_back(kernel::sum_over_lanes<Lanes>(
                of_sequence.size(), [&]<class V>(std::size_t i) { return kernel::lane_access<V>::load(of_sequence.data() + i); }));
        }
        kernel::over_lanes<Lanes>(values.size(), [&]<class V>(std::size_t i) {
            using access = kernel::lane_access<V>;
            access::store(kernel::logarithm(access::load(values.data() + i)), values.data() + i);
        });
    }

    /// At most so many models are compared together, as each number of the predictions is then read once for all of them.
    static constexpr std::size_t together = 4;

    /// The mean divergence over the events of each sequence, of each of the models.
    template <class Lanes = kernel::native_lanes>
    [[nodiscard]] std::vector<ndarray<double, 1>> operator()(std::span<const summed_model> models) const {
        std::vector<ndarray<double, 1>> out;
        for (std::size_t first = 0; first < models.size(); first += together)
            add<Lanes>(models.subspan(first, (std::min)(together, models.size() - first)), out);
        return out;
    }

private:
    template <class Lanes>
    void add(std::span<const summed_model> models, std::vector<ndarray<double, 1>>& out) const {
        if (sums_.empty()) {
            for (const auto& m : models) out.push_back(divergences_from(m.model, q_));
            return;
        }
        const std::size_t at = out.size(), size = q_.events() * q_.outcomes();
        for (const auto& m : models) {
            check_same_shape("rationale::shared_divergences", m.model, q_);
            out.push_back(filled<double, 1>({q_.sequences()}, 0.0));
        }
        for (std::size_t s = 0; s < q_.sequences(); ++s) {
            // Where there are fewer models the first stands for the others.
            std::array<const double*, together> h;
            for (std::size_t m = 0; m < together; ++m) h[m] = row(models[m < models.size() ? m : 0].model.values, s).data();
            const auto crossed = products<Lanes>(h, row(q_.values, s).data(), size);
            for (std::size_t m = 0; m < models.size(); ++m)
                out[at + m](s) = (std::max)(models[m].own[s] - crossed[m] + sums_[s], 0.0) / static_cast<double>(q_.events());
        }
    }
    /// sum_i h_mi x_i for each m.
    template <class Lanes>
    static std::array<double, together> products(const std::array<const double*, together>& h, const double* x, std::size_t n) noexcept {
        using V = typename Lanes::template of<double>;
        using access = kernel::lane_access<V>;
        std::array<V, together> sums{V(0.0), V(0.0), V(0.0), V(0.0)};
        std::size_t i = 0;
        for (; i + kernel::lane_count<V> <= n; i += kernel::lane_count<V>) {
            const V of_x = access::load(x + i);
            extent<together>::each([&](std::size_t m) { sums[m] = access::multiply_add(access::load(h[m] + i), of_x, sums[m]); });
        }
        std::array<double, together> out;
        for (std::size_t m = 0; m < together; ++m) out[m] = kernel::lane_sum(sums[m]);
        for (; i < n; ++i)
            for (std::size_t m = 0; m < together; ++m) out[m] += h[m][i] * x[i];
        return out;
    }

    predictions q_;               // their logarithms where there are sums
    std::vector<double> sums_{};  // of each sequence
};

}  // namespace rationale::detail

#endif
