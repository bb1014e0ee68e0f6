// exp, log and log(p/q) of lanes against long double, over their whole range, and loops over lanes against plain ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "rationale/kernel/detail/simd.hpp"
#include "rationale/kernel/over_lanes.hpp"
#include "rationale/random/philox.hpp"

namespace r = rationale;
namespace k = rationale::kernel;

namespace {

/// What `f` gives for x, whatever lane it is in.
template <class V, class Function>
std::vector<typename k::lane_access<V>::scalar> of_lanes(const Function& f,
                                                         const std::vector<std::vector<typename k::lane_access<V>::scalar>>& x) {
    using real = typename k::lane_access<V>::scalar;
    constexpr std::size_t lanes = k::lane_count<V>;
    std::vector<real> out(x[0].size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        real in[2][lanes], result[lanes];
        for (std::size_t a = 0; a < x.size(); ++a)
            for (std::size_t j = 0; j < lanes; ++j) in[a][j] = x[a][(i + j) % out.size()];
        if constexpr (std::is_invocable_v<Function, V, V>)
            k::lane_access<V>::store(f(k::lane_access<V>::load(in[0]), k::lane_access<V>::load(in[1])), result);
        else k::lane_access<V>::store(f(k::lane_access<V>::load(in[0])), result);
        out[i] = result[0];
        for (std::size_t j = 0; j < lanes && j + i < out.size(); j += 5) out[i + j] = result[j];
    }
    return out;
}

template <class Real>
double error_in_ulp(Real found, long double expected) {
    if (expected == 0) return found == 0 ? 0 : std::numeric_limits<double>::infinity();
    int exponent = 0;
    (void)std::frexp(expected, &exponent);
    return static_cast<double>(std::abs(static_cast<long double>(found) - expected) /
                               std::ldexp(1.0L, exponent - std::numeric_limits<Real>::digits));
}

template <class Real>
std::vector<Real> uniform(std::uint64_t stream, double low, double high, std::size_t n = 20000) {
    r::philox rng(7, stream);
    std::vector<Real> out(n);
    for (Real& x : out) x = static_cast<Real>(low + (high - low) * static_cast<double>(rng() >> 11) * 0x1p-53);
    return out;
}

template <class Real>
bool same(Real a, Real b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

using batch = k::native_lanes::of<double>;
using float_batch = k::native_lanes::of<float>;

}  // namespace

TEST_CASE_TEMPLATE("exp and log are right to 2 units in the last place", V, batch, float_batch, double, float) {
    using real = typename k::lane_access<V>::scalar;
    using limits = std::numeric_limits<real>;
    const double least = std::log(static_cast<double>((limits::min)())), most = std::log(static_cast<double>((limits::max)()));
    const auto exp = [](V v) { return k::elementary::exp(v); };
    const auto exp_weight = [](V v) { return k::elementary::exp_weight(v); };
    const auto log = [](V v) { return k::elementary::log(v); };
    double worst = 0;
    for (const auto& x : {uniform<real>(0, least + 1e-4, most - 1e-4), uniform<real>(1, -1, 1), uniform<real>(2, -1e-3, 1e-3)}) {
        const auto found = of_lanes<V>(exp, {x});
        for (std::size_t i = 0; i < x.size(); ++i)
            worst = (std::max)(worst, error_in_ulp(found[i], std::exp(static_cast<long double>(x[i]))));
        CHECK(of_lanes<V>(exp_weight, {x}) == found);
    }
    CHECK(worst < 1.5);
    worst = 0;
    for (auto x : {uniform<real>(3, least - 10, most - 1e-4), uniform<real>(4, -1, 1), uniform<real>(5, -1e-3, 1e-3)}) {
        for (real& v : x) v = static_cast<real>(std::exp(static_cast<double>(v)));
        const auto found = of_lanes<V>(log, {x});
        for (std::size_t i = 0; i < x.size(); ++i)
            worst = (std::max)(worst, error_in_ulp(found[i], std::log(static_cast<long double>(x[i]))));
    }
    CHECK(worst < 2);
}

TEST_CASE_TEMPLATE("log(p/q) is right to 3 units in the last place, also where p is nearly q or either is tiny", V, batch, float_batch,
                   double, float) {
    using real = typename k::lane_access<V>::scalar;
    const auto ratio = [](V p, V q) { return k::log_ratio(p, q); };
    const auto check = [&](const std::vector<real>& p, const std::vector<real>& q) {
        const auto found = of_lanes<V>(ratio, {p, q});
        double worst = 0;
        for (std::size_t i = 0; i < p.size(); ++i) {
            const long double a = p[i], b = q[i];
            worst = (std::max)(worst, error_in_ulp(found[i], std::abs(a - b) < b / 4 ? std::log1p((a - b) / b) : std::log(a / b)));
        }
        CHECK(worst < 3);
    };
    const auto p = uniform<real>(1, 1e-6, 1), q = uniform<real>(2, 1e-6, 1);
    check(p, q);
    auto near = p, tiny = p, huge = p;
    const auto change = uniform<real>(3, -1, 1);
    for (std::size_t i = 0; i < p.size(); ++i) {
        near[i] = static_cast<real>(static_cast<double>(p[i]) *
                                    (1 + static_cast<double>(change[i]) * std::pow(10, -static_cast<double>(i % 12))));
        tiny[i] = static_cast<real>(std::numeric_limits<real>::denorm_min() * static_cast<real>(1 + i));
        huge[i] = static_cast<real>(std::ldexp(static_cast<double>(p[i]), sizeof(real) == 8 ? 900 : 100));
    }
    check(p, near);
    check(p, p);
    check(p, tiny);
    check(tiny, p);
    check(tiny, q);
    check(huge, q);
    check(q, huge);
    check(huge, p);
}

TEST_CASE_TEMPLATE("edges of exp and log", V, batch, float_batch, double, float) {
    using real = typename k::lane_access<V>::scalar;
    using limits = std::numeric_limits<real>;
    const real inf = limits::infinity(), nan = limits::quiet_NaN(), least = (limits::min)(), most = (limits::max)();
    const real below_most = static_cast<real>(std::log(static_cast<long double>(most))) * (1 - limits::epsilon());
    const auto check = [](const auto& f, const std::vector<real>& x, const std::vector<real>& expected) {
        const auto found = of_lanes<V>(f, {x});
        for (std::size_t i = 0; i < x.size(); ++i) {
            INFO("argument ", x[i], ", found ", found[i]);
            CHECK(same(found[i], expected[i]));
        }
    };
    const auto exp = [](V v) { return k::elementary::exp(v); };
    const auto exp_weight = [](V v) { return k::elementary::exp_weight(v); };
    check(exp, {-inf, -most, -1000, 0, -0.0, 1000, most, inf, nan, -nan}, {0, 0, 0, 1, 1, inf, inf, inf, nan, nan});
    check(exp_weight, {-inf, -most, -1000, 0, -0.0, nan, -nan}, {0, 0, 0, 1, 1, nan, nan});
    CHECK(std::isfinite(of_lanes<V>(exp, {{below_most}})[0]));
    CHECK(of_lanes<V>(exp, {{below_most * (1 + 3 * limits::epsilon())}})[0] == inf);
    CHECK(of_lanes<V>(exp, {{std::log(least) + real(1e-4)}})[0] > least);
    CHECK(of_lanes<V>(exp, {{std::log(least) - real(1e-4)}})[0] == 0);  // too small to be normal
    check([](V v) { return k::elementary::log(v); }, {0, -0.0, 1, inf, -1, -inf, -least, nan}, {-inf, -inf, 0, inf, nan, nan, nan, nan});
    for (real x : {limits::denorm_min(), least / 3, least, most, most / real(1.4), real(1) - limits::epsilon() / 2, 1 + limits::epsilon()})
        CHECK(error_in_ulp(of_lanes<V>([](V v) { return k::elementary::log(v); }, {{x}})[0], std::log(static_cast<long double>(x))) < 2);
}

TEST_CASE_TEMPLATE("log(p/q): 0 for p = 0, inf for q = 0 < p, NaN for NaN", V, batch, float_batch, double, float) {
    using real = typename k::lane_access<V>::scalar;
    const real inf = std::numeric_limits<real>::infinity(), nan = std::numeric_limits<real>::quiet_NaN(),
               tiny = std::numeric_limits<real>::denorm_min();
    const std::vector<real> p{0, 0, 0, 1, tiny, nan, 1, nan, nan, real(.3)}, q{0, 1, tiny, 0, 0, 1, nan, 0, nan, real(.3)},
        expected{0, 0, 0, inf, inf, nan, nan, nan, nan, 0};
    const auto found = of_lanes<V>([](V a, V b) { return k::log_ratio(a, b); }, {p, q});
    for (std::size_t i = 0; i < p.size(); ++i) {
        INFO("p ", p[i], ", q ", q[i], ", found ", found[i]);
        CHECK(same(found[i], expected[i]));
    }
}

TEST_CASE("loops over lanes visit each entry once, for any length") {
    const std::size_t n = k::lane_count<batch>;
    for (std::size_t length : {std::size_t{0}, std::size_t{1}, n - 1, n, n + 1, 2 * n, 8 * n + 2})
        for (std::size_t offset : {0u, 1u}) {
            std::vector<double> x(length + offset), visits(length, 0.0);
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(1 + i);
            k::over_lanes<k::native_lanes>(length, [&]<class V>(std::size_t i) {
                using access = k::lane_access<V>;
                access::store(access::load(visits.data() + i) + access::load(x.data() + offset + i), visits.data() + i);
            });
            CHECK(std::equal(visits.begin(), visits.end(), x.begin() + static_cast<std::ptrdiff_t>(offset)));
            const auto sum = k::sum_over_lanes<k::native_lanes>(
                length, [&]<class V>(std::size_t i) { return k::lane_access<V>::load(x.data() + offset + i); });
            double expected = 0;
            for (double v : visits) expected += v;
            CHECK(sum == expected);
        }
}
