// Seen weight vectors with a covariance of their own.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "rationale/prior/beliefs.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/memory.hpp"
#include "rationale/prior/remembered_regression.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/symmetric.hpp"
#include "support/predictions.hpp"

namespace {

namespace r = rationale;
using rationale_test::largest_evidence_difference;
using rationale_test::largest_value_difference;
using line = r::linear_regression<>;

// 2 A, with A = L L'.
const std::vector<double> shape{2, .6, -.4, .6, 1, .3, -.4, .3, .5};
line correlated() {
    return line({.dimensions = 3,
                 .noise_variance = .3,
                 .task_variance = 2,
                 .input_variance = .7,
                 .task_mean = {1, -.5, 0},
                 .task_covariance = shape});
}
std::vector<double> root() {
    std::vector<double> l = shape;
    for (double& x : l) x *= 2;
    REQUIRE(r::detail::factorize(l, 3));
    return l;
}

}  // namespace

TEST_CASE("covariance: what is factored is what was given, square and colour fit it") {
    const r::kernel::covariance c(3, 2, shape);
    CHECK(c.positive());
    const auto matrix = c.matrix();
    for (std::size_t i = 0; i < 9; ++i) CHECK(matrix[i] == doctest::Approx(2 * shape[i]).epsilon(1e-14));
    CHECK(c.mean_variance() == doctest::Approx(2 * 3.5 / 3).epsilon(1e-14));
    const std::vector<double> y{.4, -1, 2};
    std::vector<double> solved = y;
    r::detail::solve_factorized(root(), solved);
    CHECK(c.square(y) == doctest::Approx(y[0] * solved[0] + y[1] * solved[1] + y[2] * solved[2]).epsilon(1e-13));
    // Columns of the root that colours: R R' = scale C.
    std::array<std::array<double, 3>, 3> column{};
    for (std::size_t k = 0; k < 3; ++k) column[k][k] = 1, c.colour(column[k], .25);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) {
            double sum = 0;
            for (const auto& z : column) sum += z[i] * z[j];
            CHECK(sum == doctest::Approx(.5 * shape[i * 3 + j]).epsilon(1e-14));
        }
    CHECK_FALSE(r::kernel::covariance(2, 1, std::vector<double>{1, 2, 2, 1}).positive());
    CHECK_FALSE(r::kernel::covariance(2, 1, std::vector<double>{1, 1, 1, 1}).positive());
}

TEST_CASE("tasks with a covariance: generalizing is Kalman's filter from it, memory is its mixture of Gaussians") {
    const auto family = correlated();
    const auto prior = r::own_prior(family);
    const r::seen_tasks<line> seen(family, r::sample_tasks(family, prior, 5, 1), {1, 2, 3, 1, 1});
    const auto q = r::sample_sequences(family, prior, 13, 9, 2).sequences;
    // gaussian_mixture updates a full covariance of its own.
    const r::gaussian_mixture full({1, -.5, 0}, prior.covariance().matrix());
    const auto generalizing = r::predict(r::generalizing<line>(family), q);
    const auto kalman = r::predict(r::bayes(family, full), q);
    CHECK(largest_value_difference(generalizing, kalman) < 1e-12);
    CHECK(largest_evidence_difference(generalizing, kalman) < 1e-12);
    const r::remembered memory(family, seen, 1.7);
    const auto remembering = r::predict(r::bayes(family, memory), q);
    const auto mixture = r::predict(r::bayes(family, r::beliefs(family, memory)), q);
    CHECK(largest_value_difference(remembering, mixture) < 1e-12);
    CHECK(largest_evidence_difference(remembering, mixture) < 1e-12);
}

TEST_CASE("tasks with a covariance C = L L' are isotropic tasks L^-1 w of inputs L'x") {
    const auto family = correlated();
    const auto prior = r::own_prior(family);
    auto table = r::sample_tasks(family, prior, 6, 3);
    auto q = r::sample_sequences(family, prior, 11, 8, 4).sequences;
    const auto l = root();
    const auto lower = [&](auto&& w) {  // L^-1 w
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t k = 0; k < i; ++k) w[i] -= l[i * 3 + k] * w[k];
            w[i] /= l[i * 3 + i];
        }
    };
    std::vector<double> mean{1, -.5, 0};
    lower(mean);
    // kappa pairs of the size noise/(s/(1-s)) in either measure: the same share.
    const line white({.dimensions = 3, .noise_variance = .3, .task_variance = 1, .input_variance = .7, .task_mean = mean});
    const r::remembered own(family, r::seen_tasks<line>(family, table), 2.);
    const double share = own.share(0);
    auto tasks = table;
    for (std::size_t d = 0; d < 6; ++d) lower(r::row(tasks.tasks, d));
    auto inputs = q;
    for (std::size_t s = 0; s < 11; ++s)
        for (std::size_t t = 0; t < 8; ++t) {
            const std::array<double, 3> x{q.x(s, t, 0), q.x(s, t, 1), q.x(s, t, 2)};
            for (std::size_t j = 0; j < 3; ++j) {
                inputs.x(s, t, j) = 0;
                for (std::size_t i = j; i < 3; ++i) inputs.x(s, t, j) += l[i * 3 + j] * x[i];
            }
        }
    CHECK(largest_value_difference(r::predict(r::generalizing<line>(family), q), r::predict(r::generalizing<line>(white), inputs)) < 1e-12);
    const r::remembered isotropic(white, r::seen_tasks<line>(white, tasks), r::memory<line>(white).precision(share));
    for (const double trust : {1., .4}) {
        const auto a = r::predict(r::bayes(family, r::tempered(own, trust)), q);
        const auto b = r::predict(r::bayes(white, r::tempered(isotropic, trust)), inputs);
        CHECK(largest_value_difference(a, b) < 1e-12);
        CHECK(largest_evidence_difference(a, b) < 1e-12);
    }
    // What memory takes is the same, too.
    for (std::size_t d = 0; d < 6; ++d)
        CHECK(r::memory<line>(family).nats(table, d, share) ==
              doctest::Approx(r::memory<line>(white).nats(tasks, d, share)).epsilon(1e-12));
}

TEST_CASE("tasks with a covariance are drawn with it, and described by it") {
    const auto family = correlated();
    const auto prior = r::own_prior(family);
    constexpr std::size_t n = 20000;
    const auto table = r::sample_tasks(family, prior, n, 5);
    const std::vector<double> mean{1, -.5, 0};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = 0;
            for (std::size_t d = 0; d < n; ++d) sum += (table.tasks(d, i) - mean[i]) * (table.tasks(d, j) - mean[j]);
            CHECK(std::abs(sum / n - 2 * shape[i * 3 + j]) < .12);  // standard error .04 at most
        }
    CHECK(prior.numbers().size() == 3 + 6);
    CHECK(r::gaussian({0, 0}, 2.).numbers() == std::vector<double>{0, 2});
}

TEST_CASE("tasks with a covariance: what is none is refused") {
    const auto with = [](std::vector<double> c) { (void)line({.dimensions = 2, .task_covariance = std::move(c)}); };
    CHECK_THROWS_WITH(with({1, 2, 3}), "rationale::linear_regression: task_covariance has 3 numbers, must have 4");
    const char* const none = "rationale::linear_regression: task_covariance is no covariance, must be symmetric and positive definite";
    CHECK_THROWS_WITH(with({1, .5, .2, 1}), none);
    CHECK_THROWS_WITH(with({1, 2, 2, 1}), none);
    CHECK_THROWS_WITH(with({0, 0, 0, 1}), none);
    CHECK_THROWS_WITH(with({1, 0, 0, NAN}), "rationale::linear_regression: task_covariance[3] is not a number, must be finite");
    CHECK_NOTHROW(with({1, .5, .5, 1}));
}
