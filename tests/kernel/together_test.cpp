// Kernels whose lanes are sequences or a context's items: the same predictions as one at a time.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rationale/kernel/label_weights.hpp"
#include "rationale/rationale.hpp"

namespace r = rationale;

namespace {

/// Ridge by its definition: solves (X'X/noise + I/task) w = X'y/noise + mean/task for each prefix, by Gaussian elimination in long double.
template <class Family>
double ridge_mean(const Family& family, const typename Family::sequences& q, std::size_t s, std::size_t t) {
    const std::size_t d = family.dimensions();
    std::vector<std::vector<long double>> a(d, std::vector<long double>(d + 1));
    for (std::size_t i = 0; i < d; ++i) {
        a[i][i] = 1 / family.values().task_variance;
        a[i][d] = family.values().task_mean[i] / family.values().task_variance;
        for (std::size_t u = 0; u < t; ++u) {
            for (std::size_t j = 0; j < d; ++j) a[i][j] += q.x(s, u, i) * q.x(s, u, j) / family.noise_variance();
            a[i][d] += q.x(s, u, i) * q.y(s, u) / family.noise_variance();
        }
    }
    for (std::size_t p = 0; p < d; ++p)
        for (std::size_t i = 0; i < d; ++i) {
            if (i == p) continue;
            const long double factor = a[i][p] / a[p][p];
            for (std::size_t j = p; j <= d; ++j) a[i][j] -= factor * a[p][j];
        }
    long double mean = 0;
    for (std::size_t i = 0; i < d; ++i) mean += a[i][d] / a[i][i] * q.x(s, t, i);
    return static_cast<double>(mean);
}

template <class Family, class Real>
void compare_ridge(const Family& family, std::size_t count, std::size_t context, double tolerance) {
    const auto q = r::sample_sequences(family, own_prior(family), count, context, 5).sequences;
    const auto found = r::predict(r::bayes<Family, r::gaussian, Real>(family, own_prior(family)), q);
    const auto scalar =
        r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(r::bayes<Family, r::gaussian>(family, own_prior(family))), q);
    const double deviation = std::sqrt(family.noise_variance());  // no predictive one is smaller
    for (std::size_t s = 0; s < count; ++s) {
        for (std::size_t t = 0; t < context; ++t) {
            const double mean = ridge_mean(family, q, s, t);
            CHECK(std::abs(found.values(s, t, 0) - mean) <= tolerance * deviation);
            CHECK(std::abs(scalar.values(s, t, 0) - mean) <= 1e-10 * (1 + std::abs(mean)));
        }
        CHECK(found.log_evidence(s, context) == doctest::Approx(scalar.log_evidence(s, context)).epsilon(tolerance));
    }
}

}  // namespace

TEST_CASE("ridge: many sequences at a time, float or double, fixed dimensions or not, are the solution of the normal equations") {
    for (std::size_t count : {1u, 15u, 16u, 17u, 33u, 131u}) {
        const r::linear_regression<3> fixed({.noise_variance = .1, .task_variance = 2, .task_mean = {.5, -1, 0}});
        compare_ridge<r::linear_regression<3>, double>(fixed, count, 33, 1e-9);
        compare_ridge<r::linear_regression<3>, float>(fixed, count, 33, 2e-4);
        const r::linear_regression<> free({.dimensions = 8});
        compare_ridge<r::linear_regression<>, double>(free, count, 40, 1e-9);
        compare_ridge<r::linear_regression<>, float>(free, count, 40, 2e-4);
    }
    compare_ridge<r::linear_regression<1>, float>(r::linear_regression<1>(), 5, 2000, 2e-4);
    compare_ridge<r::linear_regression<1>, double>(r::linear_regression<1>(), 5, 1, 1e-9);
}

namespace {
template <std::size_t Dimensions>
void compare_copying(std::size_t d) {
    using V = r::kernel::native_lanes::of<double>;
    constexpr std::size_t lanes = r::kernel::lane_count<V>;
    r::philox rng(3, 0);
    r::kernel::aligned_vector<double> scratch;
    for (std::size_t context : {std::size_t{0}, std::size_t{1}, lanes - 1, lanes, lanes + 1, 2 * lanes, 8 * lanes + 2})
        for (double far : {1.0, 50.0}) {
            std::vector<double> query(d), items(d * context + 1);
            std::vector<std::int32_t> labels(context);
            r::fill_standard_normal(rng, query);
            r::fill_standard_normal(rng, items);
            for (double& x : query) x *= far;
            for (auto& l : labels) l = static_cast<std::int32_t>(r::index(rng, 3));
            const std::span<const double> shifted(items.data() + 1, d * context);  // not at a register's boundary
            std::vector<double> sums(4, 7.0), wanted(4, 0.0);
            const double top = r::kernel::label_weights<V, Dimensions>(query, shifted, labels, .7, 1.3, scratch, sums);
            std::vector<double> squares(context);
            for (std::size_t i = 0; i < context; ++i)
                for (std::size_t j = 0; j < d; ++j) squares[i] += std::pow(query[j] - .7 * shifted[d * i + j], 2);
            double best = r::kernel::minus_infinity;
            for (double x : squares) best = (std::max)(best, -1.3 * x);
            CHECK((top == best || std::abs(top - best) <= 1e-13 * std::abs(best)));
            for (std::size_t i = 0; i < context; ++i) wanted[static_cast<std::size_t>(labels[i])] += std::exp(-1.3 * squares[i] - best);
            for (std::size_t l = 0; l < 4; ++l) CHECK(std::abs(sums[l] - wanted[l]) <= 1e-10 * (std::max)(1.0, wanted[l]));
            CHECK(sums[3] == 0);  // exactly: nobody has this label
        }
}
}  // namespace

TEST_CASE("copying: any length of the context, on lanes or one item at a time, dimensions that fill registers or not, fixed or not") {
    compare_copying<0>(5);
    compare_copying<0>(8);
    compare_copying<5>(5);
    compare_copying<8>(8);
    compare_copying<16>(16);
}
