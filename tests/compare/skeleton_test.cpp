// Many strategies: a loss that a few outcomes' terms stand for.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/learner/precision_grid.hpp"
#include "rationale/random/samplers.hpp"

namespace r = rationale;

namespace {
/// Distributions that change smoothly from one strategy to the next, and a model that is none of them.
std::vector<r::predictions> family_of(const r::precision_grid& grid, std::size_t sequences) {
    std::vector<r::predictions> out;
    for (double s : grid.share) {
        r::predictions p{r::prediction_kind::distribution, r::filled<double, 3>({sequences, 8, 5}, 0.0), {}};
        r::philox rng(3, 0);
        for (std::size_t i = 0; i < p.values.size(); i += 5) {
            double a[5], b[5], total = 0;
            r::sample_dirichlet(rng, std::vector<double>(5, .7), a);
            r::sample_dirichlet(rng, std::vector<double>(5, .7), b);
            for (std::size_t k = 0; k < 5; ++k) total += p.values.data()[i + k] = std::pow(a[k] + 1e-3, s) * std::pow(b[k] + 1e-3, 1 - s);
            for (std::size_t k = 0; k < 5; ++k) p.values.data()[i + k] /= total;
        }
        out.push_back(std::move(p));
    }
    return out;
}
}  // namespace

TEST_CASE("a skeleton's loss is the full sum's, for mixtures like its probes and their parts") {
    const r::precision_grid grid(12);
    const auto parts = family_of(grid, 100);
    r::predictions model = parts[4];
    r::philox rng(8, 0);
    for (std::size_t i = 0; i < model.values.size(); i += 5)
        r::sample_dirichlet(rng, std::vector<double>(5, 1.0), {model.values.data() + i, 5});
    std::vector<std::vector<double>> probes;
    const auto hump = [&](double center, double width) {
        std::vector<double> w(12);
        double sum = 0;
        for (std::size_t q = 0; q < 12; ++q)
            sum += w[q] = grid.width[q] * std::exp(-.5 * std::pow((grid.share[q] - center) / width, 2)) + 1e-9;
        for (double& x : w) x /= sum;
        return w;
    };
    for (int i = 0; i < 120; ++i) probes.push_back(hump(r::uniform(rng), .03 + r::uniform(rng)));
    for (std::size_t q = 0; q < 12; ++q) probes.emplace_back(12), probes.back()[q] = 1;
    const auto full = r::mixture_compressor(parts)(model);
    const r::mixture_compressor compress(parts, probes);
    const auto few = compress(model);
    CHECK(few.size() < full.size() / 10);
    r::mixture_loss::derivatives exact, found;
    for (int i = 0; i < 40; ++i) {
        const auto w = hump(r::uniform(rng), .05 + r::uniform(rng));
        full.evaluate(w, exact), few.evaluate(w, found);
        CHECK(std::abs(found.value - exact.value) < 2e-5);
        for (std::size_t q = 0; q < 12; ++q) CHECK(std::abs(found.gradient[q] - exact.gradient[q]) < 6e-2);
    }
    // Without probes a part's terms are those of its own sequences.
    const auto pieces = r::mixture_compressor(parts).parts(model, 10);
    for (const auto& piece : pieces) CHECK(piece.size() < full.size() / 8);
    const auto together = r::mixture_loss::weighted_sum(pieces, std::vector<double>(10, 1.0));
    CHECK(together.size() == full.size());
    CHECK(together(hump(.4, .2)) == doctest::Approx(full(hump(.4, .2))).epsilon(1e-12));
    std::vector<double> twice(10);
    twice[3] = 2;
    CHECK(r::mixture_loss::weighted_sum(pieces, twice)(hump(.4, .2)) == doctest::Approx(2 * pieces[3](hump(.4, .2))).epsilon(1e-12));
    CHECK(r::mixture_loss::none(12)(hump(.4, .2)) == 0);
    const auto split = compress.parts(model, 7);
    CHECK(r::mixture_loss::weighted_sum(split, std::vector<double>(7, 1.0))(hump(.4, .2)) ==
          doctest::Approx(few(hump(.4, .2))).epsilon(1e-10));
}

TEST_CASE("the grid's widths and nodes are Gauss and Legendre's: sums are exact for polynomials") {
    for (std::size_t n : {1u, 2u, 7u, 16u, 33u}) {
        const r::precision_grid grid(n);
        for (std::size_t power = 0; power < 2 * n; ++power) {
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) sum += grid.width[i] * std::pow(grid.share[i], static_cast<double>(power));
            CHECK(sum == doctest::Approx(1 / static_cast<double>(power + 1)).epsilon(1e-13));
        }
    }
}
