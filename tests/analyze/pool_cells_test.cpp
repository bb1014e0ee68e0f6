#include "rationale/analysis/detail/pool_cells.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "rationale/analysis/summary.hpp"
#include "rationale/analysis/write_csv.hpp"
#include "rationale/prior/pooled.hpp"
#include "support/analysis.hpp"
#include "support/effort.hpp"
#include "support/folder.hpp"
#include "support/made_up_recording.hpp"

namespace r = rationale;
using r::detail::side_number, r::detail::side_place;

namespace {
/// A cell whose divergence is 0.1 and the square of the distance from places of memory, trust and pooling.
struct bowl {
    std::vector<double> centre;
    std::size_t with_memory = 0;
    r::detail::observed_square square{};
    r::detail::square_cell cell{};

    bowl(std::vector<double> at, std::vector<double> best) : centre(std::move(at)) {
        square.evaluate = [this](std::size_t, const r::detail::belief_point& p) {
            with_memory += p.memory > 0;
            return parts(p);
        };
        cell.best = {side_number(best[0]), side_number(best[1])};
        cell.best_parts = parts(cell.best);
    }
    [[nodiscard]] std::vector<double> parts(const r::detail::belief_point& p) const {
        const double y = 0.1 + std::pow(side_place(p.memory) - centre[0], 2) + std::pow(side_place(p.trust) - centre[1], 2) +
                         std::pow(side_place(p.pooling) - centre[2], 2);
        return {0.25 * y, 0.75 * y};
    }
};
}  // namespace

TEST_CASE("the best point with pooled rows is found from the best one of the square and from that without memory") {
    for (const auto& [centre, best] :
         {std::pair(std::vector{.5, .45, .3}, std::vector{.52, .43}), std::pair(std::vector{0., .3, .9}, std::vector{.4, .5}),
          std::pair(std::vector{.05, .5, .7}, std::vector{.3, .4})}) {
        bowl b(centre, best);
        r::detail::pool_cell(b.square, 0, b.cell);
        CHECK(b.with_memory <= 40);
        CHECK(b.cell.pooled_divergence < .1005);
        CHECK(b.cell.pooled_divergence == doctest::Approx(4 * b.parts(b.cell.pooled)[0]).epsilon(1e-12));
        CHECK(side_place(b.cell.pooled.pooling) == doctest::Approx(centre[2]).epsilon(.1));
    }
}

TEST_CASE("a cell that pooling does not help keeps the best point of the square") {
    bowl b({.5, .5, 0}, {.5, .5});
    r::detail::pool_cell(b.square, 0, b.cell);
    CHECK(b.cell.pooled.memory == b.cell.best.memory);
    CHECK(b.cell.pooled.pooling == 0);
    CHECK(b.cell.pooled_divergence == b.cell.best_divergence());
}

TEST_CASE("a model that reads the order of the context with limited precision is recognized, where laws are compared") {
    using chain = r::markov_chain<>;
    const rationale_test::temporary_folder folder;
    const chain family({.categories = 4});
    const auto strength = [](double n) { return 800 / n; };
    const auto m = rationale_test::write_made_up(folder.path() / "r", family,
                                                 {.tasks = {3, 6, 12}, .steps = {100, 200, 400, 800, 1600}, .sequences = 12, .context = 20},
                                                 [&](const auto&, const auto& seen, const auto& q, double, double n) {
                                                     const r::pooled rows(r::remembered(family, seen, 2.), strength(n));
                                                     return r::predict(r::bayes(family, r::tempered(rows, .8)), q);
                                                 });
    r::analysis_options options;
    options.losses.most_sequences = sanitized ? 128 : 512;
    options.threshold_share = 1;
    options.bootstrap.replicates = 0;
    const auto without = rationale_test::analyzed<chain>(m, options, r::threads{2});
    REQUIRE(without.square);
    CHECK(without.square->whole.find("best_point_and_order") == nullptr);
    CHECK(std::isnan(without.square->places[0].order));
    options.compare = true;
    const auto a = rationale_test::analyzed<chain>(m, options, r::threads{2});
    const auto& s = *a.square;
    for (const auto& p : s.places) {
        const double h = strength(static_cast<double>(p.step));
        CAPTURE(h);
        CHECK(p.with_order <= p.divergence);
        CHECK(p.with_order < 1e-3);
        CHECK(std::abs(side_place(p.order / s.unit) - side_place(h / s.unit)) < .06);
    }
    const auto mean = [&](const char* key) { return s.whole.find(key)->mean.fitted; };
    CHECK(mean("best_point_and_order") < .1 * mean("best_point"));
    CHECK(s.after_threshold.find("best_point_and_order")->facts.parameters == 3);
    std::ostringstream summary;
    r::print_summary(summary, a, r::summary_length::verbose);
    CHECK(summary.str().find("how precisely the order of the context is read, in 15 of 15 cells ID and 15 of 15 cells OOD.") !=
          std::string::npos);
    CHECK(r::cells_csv({&a, 1}).find(",square_order,square_with_order_divergence,") != std::string::npos);
}
