#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "rationale/rationale.hpp"

namespace r = rationale;

namespace {
/// Twice as fast as a straight line would be at first, and a formula that uses every operation a law may.
struct own_evidence {
    double rate = 1, power = .5;
    static constexpr std::array<r::law_parameter, 2> parameters{
        {{"rate", 0, 1e9, r::search_scale::logarithmic, 1e-3, 1e3}, {"power", 0, 9, r::search_scale::linear, 0, 1}}};
    [[nodiscard]] std::array<double, 2> values() const { return {rate, power}; }
    template <class Real>
    static Real exposure(const std::array<Real, 2>& p, const r::training& n) {
        using std::exp, std::expm1, std::log, std::log1p, std::pow, std::sqrt, std::tanh;
        Real out = p[0] * (pow(Real(1 + n.steps), p[1]) - Real(1.0)) / (p[1] + Real(0.25)) + log(Real(1.0) + exp(-p[1])) - exp(-p[0]);
        out += sqrt(p[0] + Real(1.0)) * tanh(p[1]), out -= log1p(p[0]), out *= Real(2.0), out /= Real(1.5) + expm1(p[1]);
        return p[0] < Real(0.0) || p[0] > Real(1e9) ? Real(0.0) : out;
    }
    friend bool operator==(const own_evidence&, const own_evidence&) = default;
};

const std::vector<std::pair<double, double>> warmup_and_decay{{0, 0}, {100, 1e-3}, {500, 1e-3}, {900, 0}};
}  // namespace

TEST_CASE("every law's derivatives are those of its formula") {
    auto laws = r::known_laws();
    laws.push_back(r::law_of<r::rational_law<own_evidence, r::power_simplicity>>("own"));
    laws.push_back(r::law_of<r::rational_law<r::power_law_evidence, r::power_simplicity, r::belief_shift>>("shifted"));
    laws.push_back(r::law_of<r::rational_law<r::power_law_evidence, r::linear_simplicity, r::context_evidence>>("in context"));
    const r::account known{{.3, .42, 1.1}, {35600, 4416, 1900}, {}, {.5, -1, 2}};
    for (const auto& law : laws)
        for (double steps : {0., 1., 700., 1e5}) {
            CAPTURE(law.name());
            CAPTURE(steps);
            const r::training n{.steps = steps, .tasks = 64, .schedule = warmup_and_decay};
            const std::size_t size = law.parameters().size();
            std::vector<double> u(size);
            for (std::size_t i = 0; i < size; ++i) {
                const auto& p = law.parameters()[i];
                const double at = p.scale == r::search_scale::linear ? .4 * p.start_from + .6 * p.start_to
                                                                     : std::pow(p.start_from, .4) * std::pow(p.start_to, .6);
                u[i] = p.scale == r::search_scale::linear ? at : std::log(at);
            }
            r::log_posterior_derivatives at, up, down;
            law.differentiate(u, known, n, at);
            std::vector<double> values(size);
            for (std::size_t i = 0; i < size; ++i) values[i] = law.parameters()[i].scale == r::search_scale::linear ? u[i] : std::exp(u[i]);
            const auto plain = law.log_posterior(values, known, n);
            for (std::size_t q = 0; q < 3; ++q) CHECK(at.value[q] == doctest::Approx(plain[q]).epsilon(1e-13));
            constexpr double h = 1e-5;
            for (std::size_t i = 0; i < size; ++i) {
                auto moved = u;
                moved[i] += h, law.differentiate(moved, known, n, up);
                moved[i] -= 2 * h, law.differentiate(moved, known, n, down);
                for (std::size_t q = 0; q < 3; ++q) {
                    // Rounding of the difference: the value's last digits over the step.
                    const auto close = [&](double analytic, double high, double low) {
                        CHECK(std::abs(analytic - (high - low) / (2 * h)) <=
                              1e-7 * (1 + std::abs(analytic)) + 1e-15 * (std::abs(high) + std::abs(low)) / h);
                    };
                    close(at.gradient[q * size + i], up.value[q], down.value[q]);
                    for (std::size_t j = 0; j < size; ++j)
                        close(at.hessian[(q * size + i) * size + j], up.gradient[q * size + j], down.gradient[q * size + j]);
                }
            }
        }
}

TEST_CASE("areas of a learning-rate schedule, by hand") {
    const auto check = [](double n, double forward, double annealing) {
        CAPTURE(n);
        const auto area = r::area_of(warmup_and_decay, n);
        CHECK(area.forward == doctest::Approx(forward).epsilon(1e-13));
        CHECK(area.annealing == doctest::Approx(annealing).epsilon(1e-13));
    };
    check(0, 0, 0);
    check(50, 12.5, 0);  // half way up: a triangle of 50 by 1/2
    check(100, 50, 0);
    check(500, 450, 0);
    check(700, 450 + 150, 50);  // half way down: from 1 to 1/2
    check(900, 650, 200);
    check(1900, 650, 1200);  // nothing forward any more
    // Down and up again, beyond where it was: only what lies below the highest so far anneals.
    const std::vector<std::pair<double, double>> cycle{{0, 1}, {10, 0}, {30, 2}};
    const auto there = r::area_of(cycle, 30);
    CHECK(there.forward == doctest::Approx((5 + 20) / 2.));
    CHECK(there.annealing == doctest::Approx((5 + 5) / 2.));
    const auto none = r::area_of({}, 123);
    CHECK(none.forward == 123);
    CHECK(none.annealing == 0);
}

TEST_CASE("a scheduled law with a constant rate is the power law, and annealing counts less with a larger share") {
    const r::account known{{.3, .42}, {35600, 4416}};
    const std::vector<std::pair<double, double>> constant{{0, 3e-4}, {1000, 3e-4}};
    const r::rational_law power{r::power_law_evidence{.6, 2}, r::power_simplicity{.2}};
    const auto odds = [&](const auto& law, const r::training& n) {
        const auto log_p = r::log_posterior(law, known, n);
        return log_p[0] - log_p[1];
    };
    for (double share : {0., .5})
        CHECK(odds(r::rational_law{r::scheduled_evidence{.6, 2, share}, r::power_simplicity{.2}}, {.steps = 700, .schedule = constant}) ==
              doctest::Approx(odds(power, {.steps = 700})).epsilon(1e-13));
    const r::training annealed{.steps = 800, .schedule = warmup_and_decay};
    CHECK(odds(r::rational_law{r::scheduled_evidence{.6, 2, .1}, r::power_simplicity{.2}}, annealed) >
          odds(r::rational_law{r::scheduled_evidence{.6, 2, .7}, r::power_simplicity{.2}}, annealed));
}

TEST_CASE("a saturating law's weights level off below one, where the power law's go on to one") {
    const r::account known{{.3, .42}, {35600, 4416}};
    const auto weight = [&](const auto& law, double steps) { return r::softmax(r::log_posterior(law, known, {.steps = steps}))[0]; };
    const r::rational_law saturating{r::saturating_evidence{.5, 1, 1e4}, r::power_simplicity{.2}};
    const r::rational_law power{r::power_law_evidence{.5, 1}, r::power_simplicity{.2}};
    CHECK(weight(saturating, 10) == doctest::Approx(weight(power, 10)).epsilon(1e-3));
    // exposure -> gamma saturation^(1-alpha) = 100, the loss differs by .12 nats
    const double cost = std::log(2) * (std::pow(35600, .2) - std::pow(4416, .2));
    CHECK(weight(saturating, 1e12) == doctest::Approx(1 / (1 + std::exp(cost - 12))).epsilon(1e-6));
    CHECK(weight(saturating, 1e12) == doctest::Approx(weight(saturating, 1e10)).epsilon(1e-6));
    CHECK(weight(power, 1e12) == 1);
}

TEST_CASE("a belief shift adds its coefficient times the covariate to the log odds") {
    const r::account plain{{.3, .42}, {35600, 4416}}, shifted{{.3, .42}, {35600, 4416}, {}, {2, .5}};
    const r::rational_law law{r::power_law_evidence{.5, 1}, r::power_simplicity{.2}, std::tuple{r::belief_shift{.7}}};
    const auto odds = [&](const r::account& a) {
        const auto log_p = r::log_posterior(law, a, {.steps = 50});
        return log_p[0] - log_p[1];
    };
    CHECK(odds(shifted) - odds(plain) == doctest::Approx(.7 * 1.5).epsilon(1e-13));
}

TEST_CASE("an empty schedule area of evidence is exact zero") {
    const r::scheduled_evidence law{.5, 2, .9};
    CHECK(law.exposure(law.values(), {.steps = 0, .schedule = warmup_and_decay}) == 0);
    // Long after the rate reached zero the annealing area outgrows the forward one.
    CHECK(law.exposure(law.values(), {.steps = 1e5, .schedule = warmup_and_decay}) == 0);
}

TEST_CASE("a crossover with a strategy of no mass: it never leads, whatever its loss") {
    const auto law = r::law_of<r::published_law>();
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> values{.5, 1, .2};
    const r::account without_second{.loss = {1, infinity}, .complexity = {100, 10}, .log_mass = {0, -infinity}};
    CHECK(r::crossover_steps(law, values, without_second, 0, 1).what == r::crossover::outcome::from_the_start);
    CHECK(r::crossover_steps(law, values, without_second, 1, 0).what == r::crossover::outcome::never);
}
