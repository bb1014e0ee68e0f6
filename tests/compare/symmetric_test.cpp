// Small symmetric matrices against their definitions.
#include "rationale/symmetric.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "rationale/random/samplers.hpp"
#include "rationale/random/stream.hpp"

namespace r = rationale;
using namespace rationale::detail;

namespace {
using matrix = std::vector<double>;

/// B B' of `rank` columns of B, and a little more on the diagonal.
matrix random_matrix(std::size_t n, std::size_t rank, double more, std::uint64_t seed) {
    r::philox rng = r::stream(r::purpose::own, seed);
    matrix b(n * rank), a(n * n);
    for (double& x : b) x = r::standard_normal(rng);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            for (std::size_t k = 0; k < rank; ++k) a[i * n + j] += b[i * rank + k] * b[j * rank + k];
            if (i == j) a[i * n + j] += more;
        }
    return a;
}

double largest_difference(const matrix& a, const matrix& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = (std::max)(most, std::abs(a[i] - b[i]));
    return most;
}

/// L L' of a lower triangle, whatever stands above it.
matrix square(const matrix& l, std::size_t n) {
    matrix out(n * n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t k = 0; k <= (std::min)(i, j); ++k) out[i * n + j] += l[i * n + k] * l[j * n + k];
    return out;
}

/// Of a matrix whose size the compiler does not know.
matrix root_of(const matrix& a) { return semidefinite_root(a, static_cast<std::size_t>(std::sqrt(a.size())), 0); }
}  // namespace

TEST_CASE("the factor of a definite matrix gives it back, solves with it and is refused for an indefinite one") {
    for (std::size_t n = 1; n < 7; ++n) {
        const auto a = random_matrix(n, n, .1, n);
        auto l = a;
        REQUIRE(factorize(l, n));
        CHECK(largest_difference(square(l, n), a) < 1e-12);
        matrix b(n), back(n);
        for (std::size_t i = 0; i < n; ++i) b[i] = static_cast<double>(i) - 1.5;
        auto x = b;
        solve_factorized(l, x);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) back[i] += a[i * n + j] * x[j];
        CHECK(largest_difference(back, b) < 1e-11);
    }
    matrix saddle{1, 2, 2, 1}, flat{1, 1, 1, 1 + 1e-12};
    CHECK_FALSE(factorize(saddle, 2));
    CHECK_FALSE(factorize(flat, 2, 1e-9));
    flat = {1, 1, 1, 1 + 1e-12};
    CHECK(factorize(flat, 2));
    matrix unknown{std::nan("")};
    CHECK_FALSE(factorize(unknown, 1));
}

TEST_CASE("the root of a semidefinite matrix gives it back, with less than full rank too") {
    for (std::size_t n = 1; n < 7; ++n)
        for (std::size_t rank = 0; rank <= n; ++rank) {
            const auto a = random_matrix(n, rank, 0, 10 * n + rank);
            const auto l = semidefinite_root(a, n, 1e-12);
            REQUIRE(l.size() == n * n);
            CHECK(largest_difference(square(l, n), a) < 1e-6);
        }
    // Rounding makes pivots of 0 negative; what is negative in earnest has another root.
    for (const double below : {1e-14, 3.}) {
        const matrix a{1, 1, 1, 1 - below};
        CHECK(largest_difference(square(root_of(a), 2), a) == doctest::Approx(below));
    }
    const matrix unknown{std::nan(""), 0, 0, 1};
    CHECK(root_of(unknown).empty());
}

TEST_CASE("an inverse leaves out what is held, and an inverse's diagonal is one over the curvature of a profile") {
    for (std::size_t n = 1; n < 7; ++n) {
        const auto a = random_matrix(n, n, .1, n);
        const auto inverse = inverse_of_free(a, std::vector<bool>(n, false));
        matrix identity(n * n);
        for (std::size_t i = 0; i < n; ++i) identity[i * n + i] = 1;
        CHECK(largest_difference(product(a, inverse, n), identity) < 1e-11);
        for (std::size_t i = 0; i < n; ++i) CHECK(profile_curvature(a, n, i) == doctest::Approx(1 / inverse[i * n + i]).epsilon(1e-10));
        auto rest = a;
        eliminate(rest, n, 0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
                CHECK(rest[i * n + j] == doctest::Approx(i == 0 || j == 0 ? 0 : a[i * n + j] - a[i * n] * a[j] / a[0]));
    }
    const auto held = inverse_of_free({2, 5, 0, 5, std::nan(""), 1, 0, 1, 4}, {false, true, false});
    CHECK(largest_difference(held, {.5, 0, 0, 0, 0, 0, 0, 0, .25}) < 1e-15);
    CHECK(inverse_of_free({1, 2, 2, 1}, {false, false}).empty());
    // A variable without curvature of its own is left out of the others' profiles.
    CHECK(profile_curvature({1, 1, 0, 1, 1, 0, 0, 0, 0}, 3, 0) == 0);
    CHECK(profile_curvature({1, .5, 0, .5, 0, 0, 0, 0, 1}, 3, 0) == 1);
}

TEST_CASE("extreme eigenvalues are those of a rotated diagonal") {
    const double c = std::cos(.3), s = std::sin(.3);
    // Rotations of diag(3, .01, 7) in two planes.
    matrix a{3, 0, 0, 0, .01, 0, 0, 0, 7};
    const matrix first{c, -s, 0, s, c, 0, 0, 0, 1}, second{1, 0, 0, 0, c, -s, 0, s, c};
    for (const auto& q : {first, second}) {
        matrix transposed(9);
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < 3; ++j) transposed[i * 3 + j] = q[j * 3 + i];
        a = product(product(q, a, 3), transposed, 3);
    }
    const auto [low, high] = extreme_eigenvalues(a, 3);
    CHECK(low == doctest::Approx(.01).epsilon(1e-10));
    CHECK(high == doctest::Approx(7).epsilon(1e-12));
}
