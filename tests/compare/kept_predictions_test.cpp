// A model's predictions that are looked at again later.
#include "rationale/compare/kept_predictions.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "rationale/compare/divergence.hpp"

namespace r = rationale;

namespace {

r::predictions of(const std::vector<double>& values, std::size_t sequences, r::prediction_kind kind) {
    r::predictions p{kind, r::filled<double, 3>({sequences, values.size() / sequences / 2, 2}, 0.0), {}};
    std::copy(values.begin(), values.end(), p.values.data());
    return p;
}

}  // namespace

TEST_CASE("kept predictions come back to the last bit, whether they are numbers of float, of double, or beyond float") {
    const std::vector<std::vector<double>> lists{
        {.5, .5, .25, .75, 1, 0}, {.1F, .9F, 1e-30F, 1, 0, 1}, {.1, .9, .5, .5, 0, 1}, {1e300, -1e300, 0, 1, 2, 1e-320}};
    for (const auto& values : lists) {
        const auto p = of(values, 3, r::prediction_kind::mean);
        for (const std::size_t kept : {1, 2, 3}) {
            const r::detail::kept_predictions some(p, kept);
            const auto back = some.widened();
            CHECK(back.kind == p.kind);
            CHECK(back.sequences() == kept);
            CHECK(back.events() == 1);
            CHECK(std::equal(back.values.begin(), back.values.end(), values.begin()));
            CHECK(back.log_evidence.size() == 0);
            std::vector<double> room;
            const auto seen = some.view().rows(0, kept, room);
            CHECK(std::equal(seen.begin(), seen.end(), values.begin()));
            CHECK(some.view().sequences() == kept);
        }
    }
}

TEST_CASE("divergences from kept predictions are those from the predictions") {
    const auto model = of({.1F, .9F, .3F, .7F}, 2, r::prediction_kind::distribution),
               other = of({.2, .8, .6, .4}, 2, r::prediction_kind::distribution);
    const r::detail::kept_predictions kept(model, 2);
    CHECK(r::divergences_from(kept.view(), other) == r::divergences_from(model, other));
}
