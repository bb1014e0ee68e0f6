#include "rationale/task/prediction.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <vector>

// xtensor's own containers, adaptors and views, as a user includes them.
#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>
#endif

#include "rationale/compare/agreement.hpp"
#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/linear_regression.hpp"

namespace r = rationale;

namespace {
/// Every comparison of a model with M and G.
std::vector<double> comparisons(const r::prediction_view& model, const std::vector<r::predictions>& parts) {
    std::vector<double> out;
    const auto add = [&](const auto& list) { out.insert(out.end(), list.begin(), list.end()); };
    for (const auto& part : parts) add(r::default_divergences(model, part)), add(r::divergences_from(model, part));
    const r::mixture_compressor compress(parts);
    const std::array<double, 2> weights{.3, .7};
    out.push_back(compress(model)(weights));
    for (const auto& part : compress.parts(model, 3)) out.push_back(part(weights));
    add(r::mixing_weights(compress(model)).weights);
    if (model.kind == r::prediction_kind::distribution) {
        out.push_back(r::hellinger(model, parts[0]));
        out.push_back(r::mean_spearman(model, parts[0]));
        out.push_back(r::argmax_agreement(parts[1], model));
    }
    return out;
}

template <class F>
void check(const F& family) {
    const r::seen_tasks<F> seen(family, r::sample_tasks(family, r::own_prior(family), 12, 1));
    const auto q = r::sample_sequences(family, seen, 9, 20, 2).sequences;
    const std::vector<r::predictions> parts{r::predict(r::memorizing<F>(family, seen), q), r::predict(r::generalizing<F>(family), q)};
    const auto model = r::mixture(parts, std::array<double, 2>{.6, .4});
    const auto usual = comparisons(model, parts);
    const std::array<std::size_t, 3> shape{9, 20, family.outcomes()};

    // A block of a larger piece of memory, and what xtensor users hold.
    std::vector<double> block(model.values.size() + 7, -1);
    std::copy(model.values.begin(), model.values.end(), block.begin() + 7);
    CHECK(comparisons({F::kind, block.data() + 7, shape}, parts) == usual);
    CHECK(comparisons({F::kind, xt::adapt(block.data() + 7, model.values.size(), xt::no_ownership(), shape)}, parts) == usual);
    const xt::xarray<double> array = model.values;
    CHECK(comparisons({F::kind, array}, parts) == usual);

    // The second of three checkpoints, and some sequences of it.
    xt::xtensor<double, 4> all(std::array<std::size_t, 4>{3, 9, 20, family.outcomes()}, -1.0);
    xt::view(all, 1, xt::all(), xt::all(), xt::all()) = model.values;
    CHECK(comparisons({F::kind, xt::view(all, 1, xt::all(), xt::all(), xt::all())}, parts) == usual);
    const r::prediction_view late(F::kind, xt::view(all, 1, xt::range(4, 9), xt::all(), xt::all()));
    std::vector<double> room;
    CHECK(late.sequences() == 5);
    CHECK(late.rows(0, 1, room)[0] == model.values(4, 0, 0));

    // In float: as the same numbers in double.
    const xt::xtensor<float, 3> single = xt::cast<float>(model.values);
    r::predictions rounded = model;
    rounded.values = xt::cast<double>(single);
    CHECK(comparisons({F::kind, single}, parts) == comparisons(rounded, parts));

    const char* const refusal = "rationale::prediction_view: the array is not (sequence, event, outcome), row-major, without gaps";
    const xt::xtensor<double, 3, xt::layout_type::column_major> columns = model.values;
    CHECK_THROWS_WITH(r::prediction_view(F::kind, columns), refusal);
    const xt::xarray<double> flat = xt::xarray<double>::from_shape({180});
    CHECK_THROWS_WITH(r::prediction_view(F::kind, flat), refusal);
    const auto every_other = xt::view(model.values, xt::range(0, 9, 2), xt::all(), xt::all());
    CHECK(r::predictions{F::kind, every_other, {}}.sequences() == 5);
    CHECK_THROWS_WITH((void)r::default_divergences({F::kind, block.data(), {9, 20, 1 + shape[2]}}, parts[0]),
                      doctest::Contains("predictions have the shape"));
}
}  // namespace

TEST_CASE("a model's predictions are compared where they lie, in double and in float") {
    check(r::balls_and_urns<>({.categories = 4}));
    check(r::linear_regression<>({.dimensions = 2}));
}

TEST_CASE("predictions are arrays that expressions take") {
    const r::balls_and_urns<3> family;
    const r::predictions p =
        r::predict(r::generalizing<r::balls_and_urns<3>>(family), r::sample_sequences(family, r::own_prior(family), 5, 8, 1).sequences);
    const xt::xtensor<double, 2> of_outcomes = xt::sum(p.values, {2});
    CHECK(xt::allclose(of_outcomes, 1.0, 1e-12));
    const xt::xtensor<double, 1> nats = xt::mean(xt::view(p.log_evidence, xt::all(), xt::range(1, 9)), {1});
    CHECK(nats.shape(0) == 5);
    CHECK(xt::all(nats < 0.0));
}
