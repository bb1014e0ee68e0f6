#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "rationale/random/philox.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/random/stream.hpp"

namespace r = rationale;

TEST_CASE("the seed is the key and the stream the counter's upper half, both in full") {
    constexpr std::uint64_t seed = 0x299f31d0a4093822, stream = 0x0370734413198a2e;
    r::philox rng(seed, stream);
    for (std::uint32_t n = 0; n < 3; ++n) {
        const auto b = r::philox::block({n, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0});
        CHECK(rng() == (std::uint64_t{b[1]} << 32 | b[0]));
        CHECK(rng() == (std::uint64_t{b[3]} << 32 | b[2]));
    }
    const std::uint64_t high = std::uint64_t{1} << 32;
    const auto first = [](std::uint64_t s, std::uint64_t t) { return r::philox(s, t)(); };
    for (const auto& [s, t] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 0}, {0, 1}, {high, 0}, {0, high}})
        CHECK(first(s, t) != first(0, 0));
}

TEST_CASE("no two purposes share a number, whatever their seeds and indices") {
    const std::uint64_t high = std::uint64_t{1} << 63;
    std::set<std::array<std::uint64_t, 2>> starts;
    std::size_t streams = 0;
    for (int of = 0; of < 256; ++of)
        for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, high})
            for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32, high}) {
                r::philox rng = r::stream(static_cast<r::purpose>(of), seed, index);
                const std::uint64_t first = rng();
                starts.insert({first, rng()});
                ++streams;
            }
    CHECK(starts.size() == streams);  // a block of the cipher is a bijection of the counter: other blocks are other counters
    // The counter of purpose p begins at p 2^56 blocks.
    r::philox tasks = r::stream(r::purpose::tasks, 7, 5);
    const auto block = r::philox::block({0, static_cast<std::uint32_t>(r::purpose::tasks) << 24, 5, 0}, {7, 0});
    CHECK(tasks() == (std::uint64_t{block[1]} << 32 | block[0]));
    const std::set<r::purpose> all{r::purpose::losses,           r::purpose::sequences,       r::purpose::tasks,
                                   r::purpose::prior_draws,      r::purpose::basis,           r::purpose::resampled_cells,
                                   r::purpose::resampled_losses, r::purpose::resampled_parts, r::purpose::resampled_scores,
                                   r::purpose::resampled_visits, r::purpose::probes,          r::purpose::checks,
                                   r::purpose::resampled_runs,   r::purpose::resampled_units, r::purpose::null_series};
    CHECK(all.size() == 15);
}

TEST_CASE("index has no bias where a plain remainder has a large one") {
    const std::size_t n = std::size_t{3} << 62;  // a remainder would fall into the lowest third half of the time
    r::philox rng(2, 7);
    const int draws = 20000;
    int low = 0;
    for (int i = 0; i < draws; ++i) low += r::index(rng, n) < n / 3;
    CHECK(std::abs(low / double(draws) - 1. / 3) < .02);  // six standard errors
    CHECK(r::index(rng, 1) == 0);
}

TEST_CASE("weights of zero at either end and in a row are never drawn") {
    const std::vector<double> weight{0, 0, 3, 0, 1, 0};
    const r::discrete choose(weight);
    r::philox rng(6, 6);
    std::vector<int> often(6), once(6);
    for (int i = 0; i < 20000; ++i) ++often[choose(rng)], ++once[r::categorical(rng, weight)];
    for (const auto& c : {often, once}) {
        for (std::size_t k : {0u, 1u, 3u, 5u}) CHECK(c[k] == 0);
        CHECK(std::abs(c[2] / 20000. - .75) < .02);
    }
}

TEST_CASE("a shape that is no number ends the sampler, with NaN") {
    r::philox rng(1, 0);
    CHECK(std::isnan(r::log_standard_gamma(rng, std::numeric_limits<double>::quiet_NaN())));
    CHECK(std::isnan(r::log_standard_gamma(rng, std::numeric_limits<double>::infinity())));
    CHECK(std::isfinite(r::log_standard_gamma(rng, 1e300)));
}

TEST_CASE("Dirichlet draws of vanishing concentrations are one category alone, each as often as its concentration says") {
    for (const double unit : {1e-3, 1e-306, 3e-308, 1e-308, 1e-310, 1e-322}) {
        CAPTURE(unit);
        const std::vector<double> concentration{unit, 3 * unit};
        std::array<double, 2> mean{};
        for (std::uint64_t d = 0; d < 4000; ++d) {
            r::philox rng(5, d);
            std::array<double, 2> p{};
            r::sample_dirichlet(rng, concentration, p);
            if (unit < 1e-3) CHECK((p == std::array{1., 0.} || p == std::array{0., 1.}));
            mean[0] += p[0] / 4000, mean[1] += p[1] / 4000;
        }
        CHECK(std::abs(mean[0] - concentration[0] / (concentration[0] + concentration[1])) < .03);
        CHECK(mean[0] + mean[1] == doctest::Approx(1));
    }
    r::philox rng(1, 1);
    std::array<double, 3> p{};
    r::sample_dirichlet(rng, std::vector<double>{1e-310, 2, 1e-310}, p);
    CHECK(p == std::array{0., 1., 0.});
    r::sample_dirichlet(rng, std::vector<double>{}, {});
}
