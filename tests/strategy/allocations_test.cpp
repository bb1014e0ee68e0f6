// What the library allocates between memory of somebody else's and its results.
#include <doctest/doctest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "rationale/compare/divergence.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/predict_arrays.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/linear_regression.hpp"

#ifndef __SANITIZE_ADDRESS__  // which counts in its own way
namespace {
std::atomic<std::size_t> live{0}, peak{0};

void* counted(void* p) {
    if (p == nullptr) throw std::bad_alloc();
    const std::size_t now = live += malloc_usable_size(p);
    peak = (std::max)(peak.load(), now);
    return p;
}
void uncounted(void* p) noexcept {
    if (p != nullptr) live -= malloc_usable_size(p);
    std::free(p);
}
}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto a = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(a, (size + a - 1) / a * a));
}
void operator delete(void* p) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t) noexcept { uncounted(p); }
void operator delete(void* p, std::align_val_t) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { uncounted(p); }

namespace r = rationale;

namespace {
/// Bytes that a call has in use at most, beyond its result, as it is a struct of arrays of which `results` says how many bytes they take.
template <class Call>
std::size_t beside_results(const Call& call, std::size_t results) {
    const std::size_t before = live;
    peak = before;
    const auto kept = call();
    return peak - before - (std::min)(results, peak - before);
}
/// By how many bytes what prediction works in is larger for `count` sequences than for a quarter of them, predict(n) being those of n;
/// results are counted as asked for, and the system rounds them up to pages.
template <class Predict>
std::size_t growth(std::size_t count, std::size_t events, std::size_t outcomes, const Predict& predict) {
    const auto room = [&](std::size_t n) {
        return beside_results([&] { return predict(n); }, n * (events * outcomes + events + 1) * sizeof(double));
    };
    const std::size_t few = room(count / 4), many = room(count);
    CHECK(few < 6'000'000);
    return many - (std::min)(few, many);
}
}  // namespace

TEST_CASE("between tokens of somebody else's and results nothing grows with the sequences") {
    using urns = r::balls_and_urns<>;
    const urns family({.categories = 6});
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 64, 1));
    const r::memorizing<urns> memorizing(family, seen);
    const std::size_t sequences = 400, context = 256;
    const auto drawn = r::sample_sequences(family, seen, sequences, context, 2).sequences.tokens;
    const auto check = [&](const auto& tokens) {
        const auto view = [&](std::size_t s) { return r::token_view(tokens.data() + s * context, context); };
        CHECK(growth(sequences, context, 6, [&](std::size_t n) { return r::predict(memorizing, n, view); }) < 16384);
        const auto of_array = [&](std::size_t n) { return r::predict(memorizing, r::arrays(r::array_view(tokens.data(), {n, context}))); };
        CHECK(growth(sequences, context, 6, of_array) < 16384);
    };
    check(std::vector<std::uint8_t>(drawn.begin(), drawn.end()));  // 100 kB
    check(std::vector<std::int64_t>(drawn.begin(), drawn.end()));  // 800 kB
    // Arrays that are moved in are the library's from then on.
    xt::xtensor<std::int32_t, 2> mine = drawn;
    CHECK(beside_results([&] { return urns::sequences{std::move(mine)}; }, 0) == 0);
}

TEST_CASE("between pairs, or predictions, of somebody else's and results nothing grows with the sequences") {
    using line = r::linear_regression<>;
    const line family({.dimensions = 4});
    const r::seen_tasks<line> seen(family, r::sample_tasks(family, r::own_prior(family), 32, 1));
    const r::memorizing<line> memorizing(family, seen);
    const std::size_t sequences = 500, context = 64;
    const auto drawn = r::sample_sequences(family, seen, sequences, context, 2).sequences;
    const std::vector<double> x(drawn.x.begin(), drawn.x.end()), y(drawn.y.begin(), drawn.y.end());
    const auto view = [&](std::size_t s) {
        return line::sequence_view({x.data() + s * context * 4, context * 4}, {y.data() + s * context, context}, 4);
    };
    const auto p = r::predict(memorizing, sequences, view);
    CHECK(growth(sequences, context, 1, [&](std::size_t n) { return r::predict(memorizing, n, view); }) < 16384);
    const auto of_arrays = [&](std::size_t n) {
        return r::predict(memorizing, r::arrays(r::array_view(x.data(), {n, context, 4}), r::array_view(y.data(), {n, context})));
    };
    CHECK(growth(sequences, context, 1, of_arrays) < 16384);

    const std::vector<double> model(p.values.begin(), p.values.end());
    const std::vector<float> single(p.values.begin(), p.values.end());
    const std::size_t results = sequences * sizeof(double);
    CHECK(beside_results([&] { return r::default_divergences({line::kind, model.data(), {sequences, context, 1}}, p); }, results) < 16384);
    CHECK(beside_results([&] { return r::default_divergences({line::kind, single.data(), {sequences, context, 1}}, p); }, results) < 16384);
}

TEST_CASE("floats of somebody else's are widened some at a time") {
    using line = r::linear_regression<>;
    const line family({.dimensions = 8});
    const r::generalizing<line> ridge(family);
    const std::size_t sequences = 4000, context = 64;  // 18 MB in double
    const std::vector<float> x(sequences * context * 8, .5f), y(sequences * context, 1.f);
    const auto of_floats = [&](std::size_t n) {
        return r::predict(ridge, r::arrays(r::array_view(x.data(), {n, context, 8}), r::array_view(y.data(), {n, context})));
    };
    CHECK(growth(sequences, context, 1, of_floats) < 16384);
}
#endif
