#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/predictions.hpp"

using namespace rationale;
using namespace rationale_test;
using doctest::Approx;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A user's own, which says nothing of the size of its features: x and 2 x.
struct twice {
    [[maybe_unused]] static constexpr std::string_view name = "twice_regression";
    std::size_t dimensions, degree;
    [[nodiscard]] std::size_t features() const noexcept { return 2; }
    void operator()(std::span<const double> x, std::span<double> out) const noexcept { out[0] = x[0], out[1] = 2 * x[0]; }
};
}  // namespace

TEST_CASE("precision 0 is the family's own predictor, infinity the memorizing one: features") {
    const auto check = []<class Basis>(const feature_regression<Basis>& family) {
        using F = feature_regression<Basis>;
        const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 33, 1));
        const auto q = sample_sequences(family, own_prior(family), 5, 30, 2).sequences;
        CHECK(largest_difference(predict(bayes(family, remembered(family, seen, 0.)), q), predict(generalizing<F>(family), q)) < 1e-10);
        CHECK(largest_difference(predict(bayes(family, remembered(family, seen, infinity)), q), predict(memorizing<F>(family, seen), q)) <
              1e-9);
        CHECK(remembered(family, seen, 0.).bits() == 0);
        CHECK(remembered(family, seen, infinity).bits() == infinity);
    };
    check(feature_regression<fourier_basis>({.degree = 2, .noise_variance = .2, .task_variance = 2}));
    check(feature_regression<polynomial_basis>({.dimensions = 2, .degree = 2, .noise_variance = .3, .input_variance = .5}));
    check(feature_regression<relu_basis>({.dimensions = 2, .degree = 4, .noise_variance = .3}));
}

TEST_CASE("remembered features are the remembered weights of a linear regression on them") {
    using F = feature_regression<polynomial_basis>;
    const F family({.dimensions = 2, .degree = 2, .noise_variance = .4, .task_variance = 1.3, .input_variance = .7});
    const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 6, 1), {1, 2, 3, 4, 5, 6});
    const auto q = sample_sequences(family, seen, 4, 12, 2).sequences;
    // Features have the size of 1, 2 of .7 and 2 of 3 x .49 among 5; inputs of that variance are as large.
    const double size = (1 + 2 * .7 + 2 * 3 * .49) / 5;
    CHECK(family.feature_square() == Approx(size));
    const linear_regression<5> linear({.noise_variance = .4, .task_variance = 1.3, .input_variance = size});
    linear_regression<5>::sequences features;
    features.x.resize({4, 12, 5});
    features.y = q.y;
    for (std::size_t s = 0; s < 4; ++s)
        for (std::size_t t = 0; t < 12; ++t)
            for (std::size_t i = 0; i < 5; ++i) features.x(s, t, i) = family.view(q, s).input(t)[i];
    const seen_tasks<linear_regression<5>> same(linear, {seen.table().tasks}, {1, 2, 3, 4, 5, 6});
    for (double kappa : {.3, 4., 100.}) {
        const remembered memory(family, seen, kappa);
        const remembered of_linear(linear, same, kappa);
        CHECK(largest_difference(predict(bayes(family, memory), q), predict(bayes(linear, of_linear), features)) < 1e-12);
        CHECK(largest_difference(predict(bayes(family, tempered(memory, .4)), q),
                                 predict(bayes(linear, tempered(of_linear, .4)), features)) < 1e-12);
        CHECK(memory.bits() == Approx(of_linear.bits()).epsilon(1e-13));
        CHECK(memory.share(0) == Approx(of_linear.share(0)).epsilon(1e-13));
    }
    const auto drawn = sample_tasks(family, remembered(family, seen_tasks<F>(family, {{{1, 2, 3, 4, 5}}}), 2.), 20000, 3).tasks;
    const double s = 2 * size * 1.3 / (2 * size * 1.3 + .4);
    double mean = 0, square = 0;
    for (std::size_t d = 0; d < 20000; ++d) mean += drawn(d, 3) / 20000, square += drawn(d, 3) * drawn(d, 3) / 20000;
    CHECK(mean == Approx(4 * s).epsilon(.01));
    CHECK(square - mean * mean == Approx((1 - s) * 1.3).epsilon(.04));
}

TEST_CASE("an average pair's features are as large as the basis says, or as many draws show") {
    const auto drawn = []<class Basis>(const feature_regression<Basis>& family) {
        const auto q = sample_sequences(family, own_prior(family), 20, 5000, 4).sequences;
        double sum = 0;
        for (std::size_t s = 0; s < 20; ++s) {
            const auto view = family.view(q, s);
            for (std::size_t t = 0; t < 5000; ++t)
                for (double f : view.input(t)) sum += f * f / (100000. * static_cast<double>(family.dimensions()));
        }
        CHECK(family.feature_square() == Approx(sum).epsilon(.02));
        return family.feature_square();
    };
    CHECK(drawn(feature_regression<identity_basis>({.dimensions = 3, .input_variance = 2})) == 2);
    CHECK(drawn(feature_regression<fourier_basis>({.dimensions = 2, .degree = 3, .input_variance = 2})) == Approx(7. / 13));
    CHECK(drawn(feature_regression<polynomial_basis>({.degree = 3, .input_variance = .5})) == Approx((1 + .5 + .75 + 15. / 8) / 4));
    drawn(feature_regression<relu_basis>({.dimensions = 2, .degree = 4, .input_variance = 2}));
    drawn(feature_regression<twice>({.input_variance = .5}));
}
