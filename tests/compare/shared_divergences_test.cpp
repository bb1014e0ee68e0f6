// Divergences of many models from the same predictions.
#include "rationale/compare/shared_divergences.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "rationale/random/samplers.hpp"

namespace r = rationale;

namespace {

/// Distributions over K outcomes, of sequences and events; those of one event in ten exclude the first outcome where `zeros`.
r::predictions made_up(std::size_t sequences, std::size_t events, std::size_t K, std::uint64_t seed, bool zeros = false) {
    r::philox rng = r::stream(r::purpose::probes, seed);
    r::predictions out{r::prediction_kind::distribution, r::filled<double, 3>({sequences, events, K}, 0.0), {}};
    for (std::size_t s = 0; s < sequences; ++s)
        for (std::size_t t = 0; t < events; ++t) {
            double sum = 0;
            for (std::size_t k = 0; k < K; ++k)
                sum += out.values(s, t, k) = zeros && k == 0 && t % 10 == 0 ? 0 : std::exp(4 * r::standard_normal(rng));
            for (std::size_t k = 0; k < K; ++k) out.values(s, t, k) /= sum;
        }
    return out;
}

}  // namespace

TEST_CASE("divergences of models that are compared together are those of each alone") {
    for (const std::size_t K : {1, 3, 8})
        for (const std::size_t models : {1, 4, 7})
            for (const bool zeros : {false, true}) {
                CAPTURE(K);
                CAPTURE(models);
                CAPTURE(zeros);
                const auto q = made_up(3, 13, K, 1);
                std::vector<r::detail::summed_model> some;
                for (std::size_t m = 0; m < models; ++m)
                    some.push_back(r::detail::summed_model::of(made_up(3, 13, K, 2 + m, zeros && K > 1)));
                const auto found = r::detail::shared_divergences(q)(some);
                REQUIRE(found.size() == models);
                for (std::size_t m = 0; m < models; ++m) {
                    const auto alone = r::divergences_from(some[m].model, q);
                    for (std::size_t s = 0; s < 3; ++s) CHECK(std::abs(found[m](s) - alone(s)) <= 1e-14 * (1 + alone(s)));
                }
            }
}

TEST_CASE("a model's divergence from its own predictions is 0, and infinite from those that exclude what it gives") {
    const auto q = made_up(2, 40, 5, 1);
    const std::vector<r::detail::summed_model> itself{r::detail::summed_model::of(q)};
    const auto same = r::detail::shared_divergences(q)(itself);
    for (const double x : same[0]) CHECK((x >= 0 && x < 1e-15));
    const auto excluding = r::detail::shared_divergences(made_up(2, 40, 5, 1, true))(itself);
    for (const double x : excluding[0]) CHECK(std::isinf(x));
}

TEST_CASE("means are compared by their squared error") {
    r::predictions a{r::prediction_kind::mean, r::filled<double, 3>({2, 5, 1}, 1.0), {}}, b = a;
    b.values(1, 2, 0) = 3;
    const std::vector<r::detail::summed_model> models{r::detail::summed_model::of(a)};
    const auto found = r::detail::shared_divergences(b)(models);
    CHECK(found[0](0) == 0);
    CHECK(found[0](1) == 4. / 5);
}
