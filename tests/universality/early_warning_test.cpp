#include "rationale/universality/early_warning.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "support/effort.hpp"

namespace r = rationale;

TEST_CASE("Kendall's tau and its null distribution are those of every permutation") {
    std::vector<double> x(6);
    std::iota(x.begin(), x.end(), 0.0);
    std::vector<double> all;
    std::vector<std::vector<double>> of;
    do {
        of.push_back(x);
        all.push_back(r::kendall(x).tau);
    } while (std::next_permutation(x.begin(), x.end()));
    REQUIRE(all.size() == 720);
    for (std::size_t i = 0; i < all.size(); i += 7) {
        const auto at_least = std::count_if(all.begin(), all.end(), [&](double tau) { return tau >= all[i] - 1e-12; });
        CHECK(r::kendall(of[i]).rises_by_chance == doctest::Approx(static_cast<double>(at_least) / 720).epsilon(1e-12));
    }
    CHECK(r::kendall(std::vector{1., 2., 4.}).tau == 1);
    CHECK(r::kendall(std::vector{4., 2., 1.}).tau == -1);
    CHECK(r::kendall(std::vector{4., 4., 4.}).tau == 0);
    // The Gaussian and the exact probability meet at 60.
    std::vector<double> series(61);
    auto rng = r::stream(static_cast<r::purpose>(202), 1);
    for (double& v : series) v = r::standard_normal(rng);
    for (double slope : {0., .005, .02}) {
        auto rising = series;
        for (std::size_t i = 0; i < 61; ++i) rising[i] += slope * static_cast<double>(i);
        const auto far = r::kendall(rising);
        const double discordant = (1 - far.tau) / 2 * 61 * 60 / 2;
        CHECK(std::abs(far.rises_by_chance - r::detail::few_inversions(61, static_cast<std::size_t>(std::llround(discordant)))) < .005);
    }
    CHECK_THROWS_WITH_AS((void)r::kendall(std::vector{1., std::nan("")}), "rationale::kendall: series[1] is not a number, must be finite",
                         std::invalid_argument);
}

TEST_CASE("variance and autocorrelation are those of the window without its trend") {
    std::vector<double> x;
    for (int i = 0; i < 12; ++i) x.push_back(i % 2 ? 1 : -1);
    // A wide kernel takes the mean away alone; alternating signs have variance 8/7 and autocorrelation -7/8 in 8.
    const auto out = r::early_warning(x, {.bandwidth = 1e6, .window = 8, .series = 1});
    REQUIRE(out.variance.size() == 5);
    for (double v : out.variance) CHECK(v == doctest::Approx(8. / 7).epsilon(1e-9));
    for (double v : out.autocorrelation) CHECK(v == doctest::Approx(-7. / 8).epsilon(1e-9));
    // A line is its own trend far from the ends.
    std::vector<double> line(60);
    std::iota(line.begin(), line.end(), 0.0);
    CHECK(std::abs(r::detail::detrended(line, 2)[30]) < 1e-12);
    CHECK_THROWS_WITH_AS((void)r::early_warning(std::vector<double>(20, 1.)),
                         "rationale::early_warning: the variance of the series is 0, must be above 0", std::invalid_argument);
    CHECK_THROWS_WITH_AS((void)r::early_warning(line, {.window = 59}),
                         "rationale::early_warning: the number of values minus the window is 1, must be at least 2", std::invalid_argument);
    // A number that is no sum of powers of two: what is left of it without its trend is rounding.
    for (const double same : {1., .1, .3, 1e9 / 3})
        for (const std::size_t n : {20, 30})
            CHECK_THROWS_WITH_AS((void)r::early_warning(std::vector<double>(n, same)),
                                 "rationale::early_warning: the variance of the series is 0, must be above 0", std::invalid_argument);
}

TEST_CASE("a system that slows down is told from one that does not") {
    const std::size_t repetitions = sanitized ? 10 : 200;
    // Of 60 values whose trend takes some of their memory away, on average what the coefficient is found from.
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < 2000; ++i) {
        auto rng = r::stream(static_cast<r::purpose>(202), 3, i);
        std::vector<double> x(60);
        x[0] = r::standard_normal(rng);
        for (std::size_t t = 1; t < 60; ++t) x[t] = .7 * x[t - 1] + std::sqrt(.51) * r::standard_normal(rng);
        const auto [variance, memory] = r::detail::spread_and_memory(r::detail::detrended(x, 6));
        sum += memory * variance, squares += variance;
    }
    CHECK(sum / squares < .6);
    CHECK(std::abs(r::detail::memory_before_detrending(60, 6, sum / squares) - .7) < .01);
    std::size_t false_alarms = 0, naive_alarms = 0, alarms = 0;
    for (std::size_t i = 0; i < repetitions; ++i) {
        auto rng = r::stream(static_cast<r::purpose>(202), 2, i);
        std::vector<double> still(120), slowing(120);
        still[0] = slowing[0] = r::standard_normal(rng) / std::sqrt(.75);
        for (std::size_t t = 1; t < 120; ++t) {
            const double z = r::standard_normal(rng);
            still[t] = .5 * still[t - 1] + z;
            slowing[t] = (.2 + .79 * static_cast<double>(t) / 120) * slowing[t - 1] + z;
        }
        const r::early_warning_options options{.bandwidth = 15, .window = 40, .series = 60, .seed = i};
        const auto of_still = r::early_warning(still, options);
        false_alarms += of_still.variance_by_chance <= .05;
        naive_alarms += of_still.variance_trend.rises_by_chance <= .05;
        alarms += r::early_warning(slowing, options).variance_by_chance <= .05;
    }
    const auto share = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(repetitions); };
    MESSAGE(share(false_alarms), " false alarms, ", share(naive_alarms), " of windows taken for independent, ", share(alarms), " alarms");
    if (sanitized) return;
    CHECK(share(false_alarms) <= .095);  // Binomial(200, .05) is above that once in 200
    CHECK(share(naive_alarms) > .25);    // overlapping windows are not independent
    CHECK(share(alarms) > .25);
}
