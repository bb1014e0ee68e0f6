// One belief with two precisions as an account of a recording: what was put in is found, and a mixture is called one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "rationale/analysis/write_analysis.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/prior/tempered.hpp"
#include "support/analysis.hpp"
#include "support/effort.hpp"
#include "support/folder.hpp"
#include "support/made_up_recording.hpp"

namespace r = rationale;

namespace {
using urns = r::balls_and_urns<>;

/// The analysis of a recording of urns whose model is `model(family, seen, sequences, D, N)`.
template <class Model>
r::recording_analysis analysis_of(const Model& model, std::size_t replicates) {
    const rationale_test::temporary_folder folder;
    const auto m = rationale_test::write_made_up(
        folder.path() / "r", urns({.categories = 4}),
        {.tasks = {2, 4, 8, 16, 32}, .steps = {1, 10, 30, 100, 300, 1000, 3000}, .sequences = 24, .context = 12}, model);
    r::analysis_options options;
    options.losses.most_sequences = 256;
    options.threshold_share = 1;  // every checkpoint counts
    options.precision_nodes = 6;
    options.bootstrap.replicates = replicates;
    return rationale_test::analyzed<urns>(m, options, r::threads{2});
}

const r::explanation_row& row(const r::explanation_table& table, const std::string& key) {
    const auto* const found = table.find(key);
    if (found == nullptr) throw std::invalid_argument(key);
    return *found;
}
}  // namespace

TEST_CASE("a path through the square comes back, its law with it, and no weight of M and G explains it") {
    // kappa = 3 (N/D)^.6 and e = 1.2/(1 + 40/N), with noise from checkpoint to checkpoint, as a model has.
    const auto noise = [](double d, double n, std::uint64_t which) {
        r::philox rng(static_cast<std::uint64_t>(d) + 1000 * which, static_cast<std::uint64_t>(n));
        return std::exp(.1 * r::standard_normal(rng));
    };
    const auto kappa = [&](double d, double n) { return 3 * std::pow(n / d, .6) * noise(d, n, 0); };
    const auto trust = [&](double d, double n) { return 1.2 / (1 + 40 / n) * noise(d, n, 1); };
    const auto a = analysis_of(
        [&](const urns& family, const auto& seen, const auto& q, double d, double n) {
            return r::predict(r::bayes(family, r::tempered(r::remembered(family, seen, kappa(d, n)), trust(d, n))), q);
        },
        sanitized ? 2 : 60);
    REQUIRE(a.square);
    const auto& square = *a.square;
    CHECK(square.law == "square_by_visits_trust_grows");
    CHECK(square.better == r::better_account::one_belief);
    const auto& law = row(square.whole, "square_by_visits_trust_grows");
    const std::vector<double> truth{3, .6, 1.2, 40};
    for (std::size_t i = 0; i < truth.size(); ++i) {
        CAPTURE(i);
        CHECK(law.facts.values[i] == doctest::Approx(truth[i]).epsilon(.2));
        if (sanitized) continue;
        CAPTURE(law.value_intervals[i].lower);
        CAPTURE(law.value_intervals[i].upper);
        CHECK(law.value_intervals[i].holds(truth[i]));
    }
    CHECK(law.facts.identifiable);
    CHECK(law.mean.fitted < .2 * row(square.whole, "free_weights").mean.fitted);
    CHECK(law.mean.held_out < .7 * row(square.whole, "free_weights_with_constant").mean.held_out);
    CHECK(law.mean.held_out_ood < .2 * row(square.whole, "published").mean.held_out_ood);
    // Every cell's own point is exact: its divergence is evaluated, and nearly nothing is left.
    CHECK(row(square.whole, "best_point").mean.fitted < 1e-5);
    std::size_t told = 0, near = 0;
    for (const auto& p : square.places) {
        const auto d = static_cast<double>(a.runs[p.run].tasks), n = static_cast<double>(p.step);
        CHECK(p.divergence < 2e-4);
        CHECK(p.divergence <= p.pair);
        if (!p.memory_told) continue;
        ++told;
        near += std::abs(std::log(p.precision / kappa(d, n))) < .3 && std::abs(std::log(p.trust / trust(d, n))) < .2;
    }
    CHECK(told > square.places.size() / 2);
    CHECK(near > 9 * told / 10);
    CHECK(r::results_json(std::span(&a, 1), {}).find("\"law_of_map\": \"square_by_visits_trust_grows\"") != std::string::npos);
}

TEST_CASE("a recording of a mixture of M and G is called that, and the square does not win there") {
    const auto a = analysis_of([](const urns& family, const auto& seen, const auto& q, double d,
                                  double n) { return rationale_test::mixed(family, seen, q, n / (n + 20 * d)); },
                               0);
    REQUIRE(a.square);
    CHECK(a.square->better == r::better_account::mixture);
    for (const auto* table : {&a.square->after_threshold, &a.square->whole}) {
        const auto weights = row(*table, "free_weights").mean, point = row(*table, "best_point").mean;
        CHECK(weights.fitted < 1e-6);
        CHECK(point.fitted > 1e-4);
        CHECK(weights.held_out_ood < 1e-6);
        CHECK(point.held_out_ood > 1e-4);
    }
}
