#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "rationale/random/philox.hpp"
#include "rationale/random/samplers.hpp"

namespace r = rationale;

TEST_CASE("Philox 4x32-10 gives its published known answers") {
    using block = r::philox::block_type;
    constexpr std::uint32_t ones = 0xffffffff;
    static_assert(r::philox::block({0, 0, 0, 0}, {0, 0}) == block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    static_assert(r::philox::block({ones, ones, ones, ones}, {ones, ones}) == block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    static_assert(r::philox::block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
                  block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
    static_assert(std::uniform_random_bit_generator<r::philox>);
    r::philox rng(0, 0);
    CHECK(rng() == 0xe169c58d6627e8d5);
    CHECK(rng() == 0x9b00dbd8bc57ac4c);
    CHECK(rng() != 0xe169c58d6627e8d5);
    CHECK(r::philox(1, 2)() != r::philox(2, 1)());
    CHECK(r::philox(1, 2)() == r::philox(1, 2)());
}

namespace {
/// Kolmogorov's distance of a sample from a distribution function.
double distance(std::vector<double> x, const std::function<double(double)>& cdf) {
    std::sort(x.begin(), x.end());
    double worst = 0;
    const auto n = static_cast<double>(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        worst = (std::max)({worst, std::abs(cdf(x[i]) - static_cast<double>(i) / n), std::abs(cdf(x[i]) - static_cast<double>(i + 1) / n)});
    return worst;
}
constexpr std::size_t draws = 40000;
constexpr double bound = 1.95 / 200;  // passed by a right sampler with probability .999
std::vector<double> sample(const std::function<double(r::philox&)>& one) {
    r::philox rng(17, 4);
    std::vector<double> x(draws);
    for (double& v : x) v = one(rng);
    return x;
}
}  // namespace

TEST_CASE("samplers follow their distribution functions") {
    CHECK(distance(sample([](auto& g) { return r::uniform(g); }), [](double x) { return x; }) < bound);
    CHECK(distance(sample([](auto& g) { return r::standard_normal(g); }), [](double x) { return .5 * std::erfc(-x / std::sqrt(2.0)); }) <
          bound);
    for (std::size_t which : {0u, 1u, 2u}) {
        const auto one_of_three = [&](auto& g) {
            std::array<double, 3> x{};
            r::fill_standard_normal(g, x);
            return x[which];
        };
        CHECK(distance(sample(one_of_three), [](double x) { return .5 * std::erfc(-x / std::sqrt(2.0)); }) < bound);
    }
    CHECK(distance(sample([](auto& g) { return std::exp(r::log_standard_gamma(g, 1)); }), [](double x) { return 1 - std::exp(-x); }) <
          bound);
    CHECK(distance(sample([](auto& g) { return std::exp(r::log_standard_gamma(g, .5)); }),
                   [](double x) { return std::erf(std::sqrt(x)); }) < bound);
    CHECK(distance(sample([](auto& g) { return std::exp(r::log_standard_gamma(g, 3)); }),
                   [](double x) { return 1 - std::exp(-x) * (1 + x + x * x / 2); }) < bound);
    CHECK(distance(sample([](auto& g) { return static_cast<double>(r::index(g, 7)) + r::uniform(g); }), [](double x) { return x / 7; }) <
          bound);
}

TEST_CASE("normals that share a pair of uniforms are independent") {
    r::philox rng(8, 0);
    double products = 0, squares = 0;
    std::array<double, 2> x{};
    for (std::size_t i = 0; i < draws; ++i) {
        r::fill_standard_normal(rng, x);
        products += x[0] * x[1] / draws;
        squares += (x[0] * x[0] - 1) * (x[1] * x[1] - 1) / draws;
    }
    CHECK(std::abs(products) < .02);
    CHECK(std::abs(squares) < .04);
}

TEST_CASE("a tiny concentration gives distributions, not NaN") {
    r::philox rng(3, 1);
    const std::vector<double> a{1e-3, 1e-3, 1e-4};
    std::vector<double> p(3);
    for (int i = 0; i < 1000; ++i) {
        r::sample_dirichlet(rng, a, p);
        CHECK(p[0] + p[1] + p[2] == doctest::Approx(1).epsilon(1e-14));
    }
}

TEST_CASE("Dirichlet and discrete draws: means, and never an index of weight zero") {
    const std::vector<double> a{.5, 2, 1.5};
    std::vector<double> mean(3), p(3), count(4), once(4);
    r::philox rng(5, 0);
    const std::vector<double> weight{.2, 0, .7, .1};
    const r::discrete choose(weight);
    for (std::size_t i = 0; i < draws; ++i) {
        r::sample_dirichlet(rng, a, p);
        for (std::size_t k = 0; k < 3; ++k) mean[k] += p[k] / draws;
        ++count[choose(rng)];
        ++once[r::categorical(rng, weight)];
    }
    for (std::size_t k = 0; k < 3; ++k) CHECK(std::abs(mean[k] - a[k] / 4) < .006);
    for (const auto& c : {count, once}) {
        CHECK(c[1] == 0);
        for (std::size_t k = 0; k < 4; ++k) CHECK(std::abs(c[k] / draws - weight[k]) < .012);
    }
}
