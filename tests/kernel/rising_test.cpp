// Ratios of Gamma functions: what observations add to the log evidence of a Dirichlet, against the C library in long double.
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "rationale/kernel/detail/simd.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/rising.hpp"
#include "rationale/kernel/wide.hpp"

namespace k = rationale::kernel;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

long double exact(double r, double u, double m) {
    if (m == 0) return 0;
    if (u == 0) return static_cast<long double>(m) * std::log(static_cast<long double>(r));
    const long double y = static_cast<long double>(r) / u;
    return static_cast<long double>(m) * std::log(static_cast<long double>(u)) + std::lgamma(y + m) - std::lgamma(y);
}
/// visit(r, u) for beliefs of any precision about any probability, 1/u at least `least` times r.
template <class Visit>
void for_each_belief(const Visit& visit) {
    for (const double kappa : {0., .01, 1., 30., 1e3, 1e4})
        for (const double w : {0., 1e-4, .01, .3, 1.})
            for (const double a : {.05, .5, 1., 7.}) visit((a + kappa * w) / (4 * a + kappa), 1 / (4 * a + kappa), a);
}
}  // namespace

TEST_CASE("log_rising: any mean, any concentration, any number of observations") {
    for_each_belief([](double r, double u, double) {
        for (const double m : {0., 1e-3, .3, 1., 2.5, 40., 1e4}) {
            const auto expected = static_cast<double>(exact(r, u, m));
            REQUIRE(std::abs(k::log_rising(r, u, m) - expected) <= 1e-13 + 1e-14 * std::abs(expected));
            const float single = k::log_rising(static_cast<float>(r), static_cast<float>(u), static_cast<float>(m));
            REQUIRE(std::abs(static_cast<double>(single) - expected) <= 1e-4 + 3e-6 * std::abs(expected));
        }
    });
    CHECK(k::log_rising(.3, 0., 5.) == doctest::Approx(5 * std::log(.3)));
    CHECK(k::log_rising(0., 0., 2.) == -infinity);
    CHECK(k::log_rising(0., .1, 2.) == -infinity);
    CHECK(k::log_rising(0., 0., 0.) == 0);
}

TEST_CASE("rising_step: one factor, whatever it counts for, on lanes as alone") {
    using V = k::native_lanes::of<double>;
    for (const double e : {0., .05, .5, .999, 1., 1.3, 2., 2.5, 6., 20.}) {
        const k::rising_step step(e);
        for_each_belief([&](double r, double u, double a) {
            for (const double n : {0., 1., 3., 20., 500.}) {
                const double mean = r + u * e * n, nats = .7;
                const auto expected = static_cast<double>(std::exp(exact(mean, u, e) - nats));
                CAPTURE(e);
                CAPTURE(mean);
                CAPTURE(u);
                const double found = step.on(u, a + e * n, nats)(mean);
                REQUIRE(found == doctest::Approx(expected).epsilon(2e-14 * (4 + e)));
                const float single = step.on(static_cast<float>(u), a + e * n, .7f)(static_cast<float>(mean));
                if (expected > 1e-30 && e <= 4)
                    REQUIRE(static_cast<double>(single) == doctest::Approx(expected).epsilon(1e-6 * (1 + std::abs(std::log(expected)))));
                step.on(u, a + e * n, nats).prepared([&](const auto& f) { REQUIRE(f(mean) == found); });
                double lanes[k::lane_count<V>];
                k::lane_access<V>::store(step.on(V(u), a + e * n, V(nats))(V(mean)), lanes);
                for (const double lane : lanes) REQUIRE(lane == doctest::Approx(found).epsilon(1e-13));
            }
        });
        CHECK(step.on(0., infinity, 0.)(.25) == doctest::Approx(std::pow(.25, e)));
        CHECK(step.on(0., infinity, 0.)(0.) == (e == 0 ? 1 : 0));
    }
}

TEST_CASE("log_rising: means so small that their squares are 0, of exact memories") {
    for (const double r : {1e-19, 1e-40, 1e-160, 1e-200, 1e-300}) {
        CAPTURE(r);
        for (const double m : {1., 3., 17.}) CHECK(k::log_rising(r, 0., m) == doctest::Approx(m * std::log(r)).epsilon(1e-13));
        // One lane is exact, and the others are so uncertain that the recurrence is needed.
        const k::rising_step step(0.5);
        const k::rising_step::of_u<double> exact_lane(step, 0., 1e-3, 0.);
        CHECK(exact_lane(r) == doctest::Approx(std::sqrt(r)).epsilon(1e-12));
    }
    for (const float r : {1e-19F, 1e-25F, 1e-37F}) {
        CHECK(k::log_rising(r, 0.F, 5.F) == doctest::Approx(5 * std::log(r)).epsilon(1e-5));
        const k::rising_step step(0.5);
        CHECK(k::rising_step::of_u<float>(step, 0.F, 1e-3, 0.F)(r) == doctest::Approx(std::sqrt(r)).epsilon(1e-4));
    }
}
