#ifndef RATIONALE_LEARNER_DIFFERENCES_HPP
#define RATIONALE_LEARNER_DIFFERENCES_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace rationale {

/// n functions of P variables at a point, with their derivatives.
struct values_and_derivatives {
    std::vector<double> value;     ///< n
    std::vector<double> gradient;  ///< n x P
    std::vector<double> hessian;   ///< n x P x P
};

namespace detail {

/// First and second derivatives at s of the quartic through y_k at k = -2, ..., 2: sum_k first_k y_k and sum_k second_k y_k.
struct quartic_weights {
    std::array<double, 5> first{}, second{};
};
[[nodiscard]] inline quartic_weights quartic_at(double s) {
    quartic_weights out;
    for (std::size_t place = 0; place < 5; ++place)
        for (int a = -2; a <= 2; ++a) {
            const int k = static_cast<int>(place) - 2;
            if (a == k) continue;
            double without_a = 1.0 / (k - a);
            for (int m = -2; m <= 2; ++m)
                if (m != k && m != a) without_a *= (s - m) / (k - m);
            out.first[place] += without_a;
            for (int b = -2; b <= 2; ++b) {
                if (b == k || b == a) continue;
                double without_both = 1.0 / (k - a) / (k - b);
                for (int m = -2; m <= 2; ++m)
                    if (m != k && m != a && m != b) without_both *= (s - m) / (k - m);
                out.second[place] += without_both;
            }
        }
    return out;
}

}  // namespace detail

/// Derivatives at u of functions that are known by their values alone, f(point, values) for n of them, from points in the box
/// lower <= point <= upper: along a variable those of the quartic through five points, h = 1e-4 max(1, |u_i|) apart, and mixed ones those
/// of parabolas, around u, or as near to it as a bound allows. h is divided by 8, four times at most, while the quartic's slope differs
/// from that of its inner three points by more than 1e-4 of the functions' changes: then the gradient's relative error is some 1e-8,
/// however steep they are. 1 + 2P + 2P² evaluations, 4 more for each division of an h, and at bounds up to 5 more a pair of variables. A
/// variable whose bounds are equal has derivatives of 0.
template <class Function>
void differentiate_by_values(const Function& f, std::span<const double> u, std::span<const double> lower, std::span<const double> upper,
                             std::size_t n, values_and_derivatives& out) {
    const std::size_t P = u.size();
    out.value.assign(n, 0.0), out.gradient.assign(n * P, 0.0), out.hessian.assign(n * P * P, 0.0);
    std::vector<double> at(u.begin(), u.end()), y(5 * n), step(P), centre(P);
    const auto row = [&](std::size_t k) { return std::span<double>(y).subspan(k * n, n); };
    const auto evaluate = [&](std::span<double> to) { f(std::span<const double>(at), to); };
    evaluate(out.value);
    const auto sample = [&](std::size_t i) {
        centre[i] = (std::min)((std::max)(u[i], lower[i] + 2 * step[i]), upper[i] - 2 * step[i]);
        for (std::size_t k = 0; k < 5; ++k) {
            at[i] = centre[i] + (static_cast<double>(k) - 2) * step[i];
            if (at[i] == u[i]) std::copy(out.value.begin(), out.value.end(), row(k).begin());
            else evaluate(row(k));
        }
        at[i] = u[i];
    };
    const auto steep = [&] {
        double apart = 0, change = 0;
        for (std::size_t q = 0; q < n; ++q) {
            apart = (std::max)(apart, std::abs(2 * (row(3)[q] - row(1)[q]) - row(4)[q] + row(0)[q]) / 12);
            for (const std::size_t k : {0u, 1u, 3u, 4u}) change = (std::max)(change, std::abs(row(k)[q] - row(2)[q]));
        }
        return apart > 1e-4 * change + 1e-13;
    };
    // Nodes and weights of the slope at u of the parabola through the inner three points.
    const auto parabola = [&](std::size_t i) {
        const double s = (u[i] - centre[i]) / step[i];
        return std::array<std::pair<double, double>, 3>{{{-1, s - 0.5}, {0, -2 * s}, {1, s + 0.5}}};
    };
    for (std::size_t i = 0; i < P; ++i) {
        step[i] = (std::min)(1e-4 * (std::max)(1.0, std::abs(u[i])), (upper[i] - lower[i]) / 4);
        if (!(step[i] > 0)) continue;
        sample(i);
        for (int division = 0; division < 4 && steep(); ++division) step[i] /= 8, sample(i);
        const auto weights = detail::quartic_at((u[i] - centre[i]) / step[i]);
        for (std::size_t k = 0; k < 5; ++k)
            for (std::size_t q = 0; q < n; ++q) {
                out.gradient[q * P + i] += weights.first[k] * row(k)[q] / step[i];
                out.hessian[(q * P + i) * P + i] += weights.second[k] * row(k)[q] / (step[i] * step[i]);
            }
        for (std::size_t j = 0; j < i; ++j) {
            if (!(step[j] > 0)) continue;
            for (const auto& [a, of_a] : parabola(i))
                for (const auto& [b, of_b] : parabola(j)) {
                    if (of_a * of_b == 0) continue;
                    at[i] = centre[i] + a * step[i], at[j] = centre[j] + b * step[j];
                    evaluate(row(0));
                    for (std::size_t q = 0; q < n; ++q) out.hessian[(q * P + i) * P + j] += of_a * of_b * y[q] / (step[i] * step[j]);
                }
            at[i] = u[i], at[j] = u[j];
            for (std::size_t q = 0; q < n; ++q) out.hessian[(q * P + j) * P + i] = out.hessian[(q * P + i) * P + j];
        }
    }
}

}  // namespace rationale

#endif
