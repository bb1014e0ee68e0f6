#include <doctest/doctest.h>

#include <cmath>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"

namespace r = rationale;

TEST_CASE("losses are seeded, paired, and the same for any executor") {
    using urns = r::balls_and_urns<6>;
    const urns family;
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 64, 1));
    const r::strategies all(r::memorizing<urns>(family, seen), r::generalizing<urns>(family));
    const r::loss_options options{.seed = 5, .relative_error = .05};
    const auto a = r::estimate_losses(all, seen, 16, options), b = r::estimate_losses(all, seen, 16, options, r::threads{2});
    CHECK(a.mean == b.mean);
    CHECK(a.reached);
    CHECK(a.difference_error(0, 1) <= .05 * std::abs(a.mean[0] - a.mean[1]));
    CHECK(a.standard_error[1] == 0);  // in closed form, which steadies the other
    const auto alone = r::estimate_losses(r::strategies(all.get<0>()), seen, 16, {.seed = 5, .relative_error = 0, .most_sequences = 4096});
    const auto steadied = r::estimate_losses(all, seen, 16, {.seed = 5, .relative_error = 0, .most_sequences = 4096});
    CHECK(steadied.standard_error[0] < .8 * alone.standard_error[0]);
    CHECK(std::abs(steadied.mean[0] - alone.mean[0]) < 5 * alone.standard_error[0]);
    CHECK(r::estimate_losses(all, seen, 16, {.seed = 6, .relative_error = .05}).mean != a.mean);
    // Another batch size sees the same sequences, in the same order.
    const auto many = r::estimate_losses(all, seen, 16, {.seed = 5, .relative_error = 0, .batch = 100, .most_sequences = 600});
    const auto few = r::estimate_losses(all, seen, 16, {.seed = 5, .relative_error = 0, .batch = 7, .most_sequences = 600});
    CHECK(many.mean[0] == doctest::Approx(few.mean[0]).epsilon(1e-13));
    CHECK_FALSE(many.reached);
    CHECK(many.sequences == 600);
}

TEST_CASE("pairing pays where no loss has a closed form") {
    using line = r::linear_regression<4>;
    const line family({.noise_variance = .1});
    const r::seen_tasks<line> seen(family, r::sample_tasks(family, r::own_prior(family), 64, 1));
    const auto e = r::estimate_losses(r::strategies(r::memorizing<line>(family, seen), r::generalizing<line>(family)), seen, 16);
    CHECK(e.difference_error(0, 1) < .8 * std::hypot(e.standard_error[0], e.standard_error[1]));
}

TEST_CASE("urns losses in closed form are what sampling gives, for weighted tasks and impossible categories") {
    using urns = r::balls_and_urns<r::dynamic>;
    const urns family({.categories = 3, .concentration = {.5, 2, 1}});
    const r::seen_tasks<urns> seen(family, {{{.2, .3, .5}, {0, 1, 0}, {1e-30, .25, .75}, {.9, .1, 0}}}, {1, 2, 3, .5});
    const std::size_t sequences = sanitized ? 4000 : 40000;
    for (std::size_t context : {1u, 2u, 30u}) {
        const r::generalizing<urns> g(family);
        const r::constant c(family);
        const auto drawn = r::sample_sequences(family, seen, sequences, context, 7);
        std::vector<double> target(context * 3);
        const auto check = [&](const auto& strategy, double exact) {
            const auto predicted = r::predict(strategy, drawn.sequences);
            std::vector<double> losses;
            for (std::size_t s = 0; s < sequences; ++s) {
                family.target(drawn.truth, drawn.sequences, s, target);
                losses.push_back(r::sequence_loss(family, target, r::row(predicted.values, s)));
            }
            const auto sampled = r::summarize(losses);
            CHECK(std::abs(sampled.mean - exact) < 5 * sampled.standard_error);
        };
        check(g, g.expected_loss(seen, context));
        check(c, c.expected_loss(seen, context));
        const auto both = r::estimate_losses(r::strategies(g, c), seen, context);
        CHECK(both.mean == std::vector{g.expected_loss(seen, context), c.expected_loss(seen, context)});
        CHECK(both.sequences == 0);  // nothing to estimate
        CHECK(both.reached);
        // With one position both are the same control variate, and the second adds nothing.
        const auto three = r::estimate_losses(r::strategies(r::memorizing<urns>(family, seen), g, c), seen, context,
                                              {.relative_error = 0, .most_sequences = 8192});
        const auto alone = r::estimate_losses(r::strategies(r::memorizing<urns>(family, seen)), seen, context,
                                              {.relative_error = 0, .most_sequences = 8192});
        CHECK(std::abs(three.mean[0] - alone.mean[0]) < 4 * alone.standard_error[0]);
        CHECK(three.standard_error[0] <= alone.standard_error[0] * (1 + 1e-9));
    }
}

TEST_CASE("the generalizing urns loss is what enumeration gives") {
    // K = 2, a = (1, 1), context 2: by quadrature over the urn and all outcomes.
    using urns = r::balls_and_urns<2>;
    const urns family;
    const auto kl = [](double w, double p) { return w * std::log(w / p) + (1 - w) * std::log((1 - w) / (1 - p)); };
    double exact = 0;
    constexpr int cells = 100000;
    for (int i = 0; i < cells; ++i) {
        const double w = (i + .5) / cells;
        exact += .5 * (kl(w, .5) + w * kl(w, 2.0 / 3) + (1 - w) * kl(w, 1.0 / 3)) / cells;
    }
    const auto e = r::estimate_losses(r::strategies(r::generalizing<urns>(family)), r::own_prior(family), 2, {.most_sequences = 40000});
    CHECK(std::abs(e.mean[0] - exact) < 5 * e.standard_error[0]);
}

TEST_CASE("regression loss is measured against the noisy y, so a perfect predictor has one half") {
    using line = r::linear_regression<2>;
    const line family({.noise_variance = .3});
    const r::seen_tasks<line> one(family, line::task_table{{{.5, -1.0}}});
    const auto e =
        r::estimate_losses(r::strategies(r::memorizing<line>(family, one), r::constant(family)), one, 8, {.relative_error = .01});
    CHECK(std::abs(e.mean[0] - .5) < 5 * e.standard_error[0]);
    CHECK(e.mean[1] > 1);
}
