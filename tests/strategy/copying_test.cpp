#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

#include "rationale/rationale.hpp"

using namespace rationale;
using doctest::Approx;

TEST_CASE("copying weighs the context's labels by powers of their items' similarity") {
    const auto check = []<class F>(const F& family, std::size_t context) {
        const auto q = sample_sequences(family, own_prior(family), 5, context, 3).sequences;
        const double v = family.within_class_variance(), scale = v * (2 + v) / ((1 + v) * (1 + v)) * family.item_variance();
        for (double power : {0., .25, 1., 3.}) {
            const auto found = predict(copying(family, power), q);
            for (std::size_t s = 0; s < 5; ++s) {
                std::vector<double> log_weight(context), of_label(family.outcomes());
                for (std::size_t i = 0; i < context; ++i)
                    for (std::size_t j = 0; j < family.dimensions(); ++j) {
                        const double apart = q.query(s, j) - q.items(s, i, j) / (1 + v);
                        log_weight[i] -= power * .5 * (apart * apart / scale + std::log(2 * std::numbers::pi * scale));
                    }
                const double top = *std::max_element(log_weight.begin(), log_weight.end());
                double mass = 0;
                for (std::size_t i = 0; i < context; ++i) {
                    mass += std::exp(log_weight[i] - top);
                    of_label[static_cast<std::size_t>(q.item_labels(s, i))] += std::exp(log_weight[i] - top);
                }
                for (std::size_t l = 0; l < of_label.size(); ++l)
                    REQUIRE(found.values(s, 0, l) == Approx(family.with_label_noise(of_label[l] / mass)).epsilon(1e-12));
                const double nats = top + std::log(mass / static_cast<double>(context));
                REQUIRE(found.log_evidence(s, 0) == Approx(nats).epsilon(1e-12));
                const double p = family.with_label_noise(of_label[static_cast<std::size_t>(q.query_label(s))] / mass);
                REQUIRE(found.log_evidence(s, 1) == Approx(nats + std::log(p)).epsilon(1e-12));
            }
        }
        const auto frequencies = predict(copying(family, 0), q);
        for (std::size_t l = 0; l < family.outcomes(); ++l) {
            double count = 0;
            for (std::size_t i = 0; i < context; ++i) count += static_cast<std::size_t>(q.item_labels(2, i)) == l;
            CHECK(frequencies.values(2, 0, l) == Approx(family.with_label_noise(count / static_cast<double>(context))));
        }
        CHECK(frequencies.log_evidence(2, 0) == Approx(0));
        const auto plain = predict(copying(family), q), first = predict(copying(family, 1), q);
        for (std::size_t i = 0; i < plain.values.size(); ++i) CHECK(plain.values.data()[i] == first.values.data()[i]);
    };
    check(classification<2, 2>({.within_class_variance = .7, .label_noise = .1}), 7);
    check(classification<8, 3>({.label_noise = .1}), 40);
    check(classification<>({.dimensions = 3, .labels = 5, .item_variance = 2, .label_noise = .1}), 3);
}

TEST_CASE("a power of copying is one number more, and one out of range is refused") {
    const classification<2, 2> family;
    CHECK(copying(family).numbers() == std::vector<double>{0, .5});
    CHECK(copying(family, 1).numbers() == copying(family).numbers());
    CHECK(copying(family, .5).numbers() == std::vector<double>{0, .5, .5});
    CHECK(copying(family, .5).power() == .5);
    CHECK_THROWS_WITH(copying(family, -1), "rationale::copying: power is -1, must be finite and not negative");
    CHECK_THROWS_WITH(copying(family, std::numeric_limits<double>::infinity()),
                      "rationale::copying: power is inf, must be finite and not negative");
}
