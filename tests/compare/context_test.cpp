// Weights that depend on a sequence's own start.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "rationale/compare/context_loss.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/random/samplers.hpp"

namespace r = rationale;

namespace {

constexpr std::size_t strategies = 3, sequences = 40, events = 9;

struct setting {
    std::vector<r::predictions> parts;
    std::vector<r::ndarray<double, 2>> nats_before;  ///< sums of random nats, zero before the first position
    explicit setting(r::prediction_kind kind) {
        const std::size_t outcomes = kind == r::prediction_kind::mean ? 1 : 4;
        for (std::size_t q = 0; q < strategies; ++q) {
            r::philox rng(3 + q, 0);
            r::predictions p{kind, r::filled<double, 3>({sequences, events, outcomes}, 0.0), {}};
            const std::vector<double> a(outcomes, .6);
            for (std::size_t i = 0; i < p.values.size(); i += outcomes) {
                if (outcomes > 1) r::sample_dirichlet(rng, a, {p.values.data() + i, outcomes});
                else p.values.data()[i] = r::standard_normal(rng);
            }
            auto nats = r::filled<double, 2>({sequences, events}, 0.0);
            for (std::size_t s = 0; s < sequences; ++s)
                for (std::size_t t = 1; t < events; ++t) nats(s, t) = nats(s, t - 1) - std::log(r::uniform(rng));
            parts.push_back(std::move(p)), nats_before.push_back(std::move(nats));
        }
    }
    /// The mixture with weights proportional to exp(eta - lambda nats), written down plainly.
    [[nodiscard]] r::predictions mixed(const std::vector<double>& eta, double lambda) const {
        r::predictions out = parts[0];
        for (std::size_t s = 0; s < sequences; ++s)
            for (std::size_t t = 0; t < events; ++t) {
                double total = 0;
                std::vector<double> w(strategies);
                for (std::size_t q = 0; q < strategies; ++q) total += w[q] = std::exp(eta[q] - lambda * nats_before[q](s, t));
                for (std::size_t k = 0; k < out.outcomes(); ++k) {
                    out.values(s, t, k) = 0;
                    for (std::size_t q = 0; q < strategies; ++q) out.values(s, t, k) += w[q] / total * parts[q].values(s, t, k);
                }
            }
        return out;
    }
};

}  // namespace

TEST_CASE("the loss of weights by context is that of the mixture written down, with its derivatives") {
    for (auto kind : {r::prediction_kind::distribution, r::prediction_kind::mean}) {
        const setting here(kind);
        const std::vector<double> eta{.3, -1, .8};
        auto model = here.mixed({0, .5, -.7}, .4);
        const r::context_loss loss(here.parts, here.nats_before, model);
        for (double lambda : {0., .2, 1.}) {
            const auto mixture = here.mixed(eta, lambda);
            double expected = 0;
            for (std::size_t i = 0; i < model.values.size(); ++i) {
                const double h = model.values.data()[i], m = mixture.values.data()[i];
                expected += kind == r::prediction_kind::mean ? (h - m) * (h - m) : h * std::log(h / m);
            }
            CHECK(loss.value(eta, lambda) == doctest::Approx(expected / (sequences * events)).epsilon(1e-12));
            r::mixture_loss::derivatives at, up, down;
            loss.evaluate(eta, lambda, at);
            CHECK(at.value == loss.value(eta, lambda));
            constexpr double h = 1e-6;
            for (std::size_t i = 0; i <= strategies; ++i) {
                if (i == strategies && lambda == 0) continue;  // lambda has no other side
                auto high = eta, low = eta;
                if (i < strategies) high[i] += h, low[i] -= h;
                const double step = i < strategies ? 0 : h;
                loss.evaluate(high, lambda + step, up), loss.evaluate(low, lambda - step, down);
                CHECK(at.gradient[i] == doctest::Approx((up.value - down.value) / (2 * h)).epsilon(1e-6));
                for (std::size_t j = 0; j <= strategies; ++j)
                    CHECK(at.hessian[i * (strategies + 1) + j] ==
                          doctest::Approx((up.gradient[j] - down.gradient[j]) / (2 * h)).epsilon(1e-6));
            }
        }
    }
}

TEST_CASE("a strategy that its context has ruled out keeps no weight, whatever lambda") {
    setting here(r::prediction_kind::distribution);
    for (std::size_t s = 0; s < sequences; ++s)
        for (std::size_t t = 4; t < events; ++t) here.nats_before[1](s, t) = std::numeric_limits<double>::infinity();
    const auto model = here.mixed({0, .5, -.7}, .4);
    const r::context_loss loss(here.parts, here.nats_before, model);
    r::mixture_loss::derivatives at;
    loss.evaluate(std::vector<double>{0, .5, -.7}, .4, at);
    CHECK(at.value == doctest::Approx(0).epsilon(1e-13));
    for (double x : at.gradient) CHECK(std::abs(x) < 1e-13);
    for (double x : at.hessian) CHECK(std::isfinite(x));
}

TEST_CASE("lambda is found again from the predictions of a model that weighs its context") {
    const setting here(r::prediction_kind::distribution);
    const std::vector<double> truth{0, .5, -.7};
    const auto model = here.mixed(truth, .4);
    const r::context_loss loss(here.parts, here.nats_before, model);
    // Newton in (eta_1, eta_2, lambda), eta_0 = 0, from the weights that the context does not touch.
    std::vector<double> x{0, 0, .2};
    for (int step = 0; step < 40; ++step) {
        r::mixture_loss::derivatives at;
        loss.evaluate(std::vector<double>{0, x[0], x[1]}, x[2], at);
        double h[3][4];
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j) h[i][j] = at.hessian[(i + 1) * 4 + j + 1];
            h[i][3] = at.gradient[i + 1];
        }
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < 3; ++j)
                if (j != i) {
                    const double factor = h[j][i] / h[i][i];
                    for (std::size_t k = i; k < 4; ++k) h[j][k] -= factor * h[i][k];
                }
        for (std::size_t i = 0; i < 3; ++i) x[i] -= h[i][3] / h[i][i];
    }
    CHECK(x[0] == doctest::Approx(truth[1]).epsilon(1e-8));
    CHECK(x[1] == doctest::Approx(truth[2]).epsilon(1e-8));
    CHECK(x[2] == doctest::Approx(.4).epsilon(1e-8));
}

TEST_CASE("what does not fit together is refused in a sentence") {
    const setting of(r::prediction_kind::distribution), means(r::prediction_kind::mean);
    const std::vector<r::ndarray<double, 2>> too_few(of.nats_before.begin(), of.nats_before.end() - 1);
    CHECK_THROWS_WITH_AS((void)r::context_loss(of.parts, too_few, of.parts[0]),
                         "rationale::context_loss: nats_before has 2 numbers, must have 3", std::invalid_argument);
    CHECK_THROWS_WITH_AS((void)r::mixture(of.parts, r::filled<double, 3>({2, 1, strategies}, .2)),
                         "rationale::mixture: weights are for 2 sequences and 1 events, must be for 40 and 9, or for 1",
                         std::invalid_argument);
    const std::vector<r::predictions> both{of.parts[0], means.parts[0]};
    CHECK_THROWS_WITH_AS((void)r::mixture(both, std::vector{.5, .5}),
                         "rationale::mixture: one side predicts distributions and the other means, must be of one kind",
                         std::invalid_argument);
}
