// Sequences in the arrays that users hold: the numbers of the library's own, bit for bit, and a sentence for what does not fit.
#include "rationale/arrays.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/core/xvectorize.hpp>
#include <xtensor/views/xstrided_view.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xvectorize.hpp>
#include <xtensor/xview.hpp>
#endif

#include "rationale/rationale.hpp"

namespace r = rationale;

namespace {

/// make(array) for each of the arrays of sequences, in order.
template <class Q, class Make>
auto arrays_of(const Q& q, const Make& make) {
    return std::apply([&](const auto&... f) { return r::arrays(make(q.*f.member)...); }, Q::fields);
}
/// As users have them who hold float and int64.
const auto of_other_types = [](const auto& a) {
    using number = typename std::remove_cvref_t<decltype(a)>::value_type;
    return xt::xarray<std::conditional_t<std::is_same_v<number, double>, float, std::int64_t>>(a);
};

void check_same(const r::predictions& a, const r::predictions& b) {
    CHECK(a.kind == b.kind);
    CHECK(a.values == b.values);
    CHECK(a.log_evidence == b.log_evidence);
}

/// A strategy, and the same as one of any type, on arrays made of q's. `executors`: with threads too.
template <class S, class Make>
void check_strategy(const S& s, const typename r::detail::family_of<S>::sequences& q, const Make& make, bool executors = false) {
    const auto usual = r::predict(s, q);
    const auto data = arrays_of(q, make);
    check_same(r::predict(s, data), usual);
    check_same(r::predict(r::any_strategy<r::detail::family_of<S>>(s), data), usual);
    CHECK(r::log_evidence(s, data) == r::log_evidence(s, q));
    if (executors) check_same(r::predict(s, data, r::threads{3}), usual);
}

/// Arrays of every kind, of numbers of the family's own types and of others.
template <class S>
void check_kinds(const S& s, const typename r::detail::family_of<S>::sequences& q) {
    check_strategy(
        s, q, [](const auto& a) -> const auto& { return a; }, true);
    check_strategy(s, q, [](const auto& a) { return xt::adapt(a.data(), a.size(), xt::no_ownership(), a.shape()); });
    check_strategy(s, q,
                   [](const auto& a) { return r::array_view(a.data(), std::vector<std::size_t>(a.shape().begin(), a.shape().end())); });
    check_strategy(s, q, [](const auto& a) { return xt::xarray<typename std::remove_cvref_t<decltype(a)>::value_type>(a); });
    check_strategy(s, q, [](const auto& a) { return a + 0; });  // an expression
    check_strategy(s, q, []<class A>(const A& a) {              // every other number of twice as many
        std::vector<std::size_t> shape(a.shape().begin(), a.shape().end());
        shape.back() *= 2;
        auto wide = xt::xarray<typename A::value_type>::from_shape(shape);
        std::fill(wide.begin(), wide.end(), -1);
        for (std::size_t i = 0; i < a.size(); ++i) wide.data()[2 * i] = a.data()[i];
        return xt::strided_view(std::move(wide), {xt::ellipsis(), xt::range(0, static_cast<std::ptrdiff_t>(shape.back()), 2)});
    });
    check_strategy(s, q, of_other_types, true);
    check_strategy(s, q, [](const auto& a) {
        using number = typename std::remove_cvref_t<decltype(a)>::value_type;
        return xt::xarray<std::conditional_t<std::is_same_v<number, double>, double, std::uint8_t>>(a);
    });
}

/// Sequences whose real numbers are floats.
template <class F, class P>
typename F::sequences drawn(const F& family, const P& prior, std::size_t count, std::size_t context) {
    auto q = r::sample_sequences(family, prior, count, context, 2).sequences;
    r::for_each_field<typename F::sequences>([&](const auto& f) {
        for (auto& x : q.*f.member) x = static_cast<std::remove_cvref_t<decltype(x)>>(static_cast<float>(x));
    });
    return q;
}

template <class F>
void check_all(const F& family) {
    const r::seen_tasks<F> seen(family, r::sample_tasks(family, r::own_prior(family), 40, 1));
    const auto q = drawn(family, seen, 21, 12);
    check_kinds(r::memorizing<F>(family, seen), q);
    check_strategy(r::generalizing<F>(family), q, of_other_types);
    check_strategy(r::constant<F>(family), q, of_other_types);
    const auto as_they_are = arrays_of(
        q, [](const auto& a) -> const auto& { return a; });
    const r::strategies both(r::memorizing<F>(family, seen), r::generalizing<F>(family));
    check_same(r::predict_all(both, as_they_are)[1], r::predict_all(both, q)[1]);
    const r::learner learner(both, {{.5, .6}, {1e4, 1e3}}, r::power_law_evidence{.alpha = .5, .gamma = .01},
                             r::power_simplicity{.beta = .3});
    CHECK(learner.predict(as_they_are, {.steps = 100}).values == learner.predict(q, {.steps = 100}).values);
    const typename F::sequences none = drawn(family, seen, 0, 12);
    CHECK(r::predict(r::memorizing<F>(family, seen), arrays_of(
                                                         none, [](const auto& a) -> const auto& { return a; }))
              .sequences() == 0);
    CHECK(r::predict(r::memorizing<F>(family, seen), arrays_of(none, of_other_types)).sequences() == 0);
}

/// A family without view_of, whose integers have no bound.
struct prices {
    static constexpr std::string_view name = "prices";
    static constexpr r::prediction_kind kind = r::prediction_kind::mean;
    static constexpr std::string_view prediction_shape = "ST";
    struct task_table {};
    struct sequences {
        r::ndarray<std::int32_t, 2> price;
        static constexpr auto fields = std::make_tuple(r::field{"price", &sequences::price, "ST"});
    };
    struct sequence_view {
        struct no_input {};
        std::span<const std::int32_t> price;
        std::size_t events() const { return price.size(); }
        no_input input(std::size_t) const { return {}; }
        double observation(std::size_t t) const { return price[t]; }
    };
    std::size_t outcomes() const { return 1; }
    std::size_t extent(char) const { return 0; }
    sequence_view view(const sequences& q, std::size_t s) const { return {r::row(q.price, s)}; }
};
struct last_price {
    const prices& family() const { return family_; }
    static std::string_view name() { return "last price"; }
    static std::vector<double> numbers() { return {}; }
    void predict_sequence(const auto& sequence, std::span<double> values, std::span<double> log_evidence) const {
        for (std::size_t t = 0; t < sequence.events(); ++t) values[t] = t == 0 ? 0 : sequence.observation(t - 1);
        std::fill(log_evidence.begin(), log_evidence.end(), 0.0);
    }
    prices family_;
};
}  // namespace

TEST_CASE("tokens in arrays of anybody's are predicted as the library's own, whatever integers they are") {
    check_all(r::balls_and_urns<>({.categories = 5}));
    check_all(r::markov_chain<3, 1>());
    check_all(r::hidden_markov<>({.categories = 4, .states = 2}));
}

TEST_CASE("pairs, numbers and queries in arrays of anybody's are predicted as the library's own, in float too") {
    check_all(r::linear_regression<>({.dimensions = 3}));
    check_all(r::feature_regression<r::polynomial_basis>({.dimensions = 2, .degree = 2}));
    check_all(r::gaussian_location());
    check_all(r::finite_function<>({.inputs = 3, .outputs = 2, .noise = .1}));
    check_all(r::classification<>({.dimensions = 3, .labels = 3, .label_noise = .01}));
    const r::classification<2, 2> items({.label_noise = .01});
    check_strategy(r::copying(items), drawn(items, r::own_prior(items), 5, 7), of_other_types);
}

TEST_CASE("more sequences than are converted at a time are predicted alike") {
    const r::linear_regression<> family({.dimensions = 8});
    const auto q = drawn(family, r::own_prior(family), 700, 130);  // of 9.4 kB each, and 4 MiB at a time
    check_strategy(
        r::generalizing<r::linear_regression<>>(family), q, [](const auto& a) { return xt::cast<float>(a); }, true);
}

TEST_CASE("arrays without gaps are read where they are, a temporary is kept, others are evaluated once") {
    xt::xtensor<double, 2> own({6, 8}, 1.0);
    const auto first = [](const auto& data) { return std::get<0>(data.views()).data(); };
    CHECK(first(r::arrays(own)) == own.data());
    CHECK(first(r::arrays(std::as_const(own))) == own.data());
    CHECK(first(r::arrays(xt::view(own, xt::range(2, 5), xt::all()))) == own.data() + 16);
    CHECK(first(r::arrays(xt::view(own, xt::range(2, 3), xt::range(1, 4)))) == own.data() + 17);
    CHECK(first(r::arrays(xt::adapt(own.data() + 8, 40, xt::no_ownership(), std::array<std::size_t, 2>{5, 8}))) == own.data() + 8);
    CHECK(first(r::arrays(r::array_view(own.data() + 1, {2, 8}))) == own.data() + 1);
    const xt::xarray<double> flat = own;
    CHECK(first(r::arrays(flat)) == flat.data());

    const double* const place = own.data();
    const r::arrays kept(std::move(own));
    CHECK(first(kept) == place);
    const r::arrays copy = kept;  // shares it
    CHECK(first(copy) == place);

    xt::xtensor<double, 2> grid({3, 4});
    for (std::size_t i = 0; i < 12; ++i) grid.data()[i] = static_cast<double>(i);
    const auto numbers = [](const auto& data) {
        const auto& a = std::get<0>(data.views());
        return std::vector<double>(a.data(), a.data() + a.size());
    };
    CHECK(numbers(r::arrays(xt::view(grid, xt::all(), xt::range(1, 3)))) == std::vector<double>{1, 2, 5, 6, 9, 10});
    CHECK(numbers(r::arrays(xt::view(grid, xt::keep(0, 2), xt::range(0, 4, 3)))) == std::vector<double>{0, 3, 8, 11});
    const xt::xtensor<double, 2, xt::layout_type::column_major> columns = grid;
    CHECK(numbers(r::arrays(columns)) == numbers(r::arrays(grid)));
    std::size_t evaluations = 0;
    const auto counted = xt::vectorize([&](double x) { return ++evaluations, x; })(grid);
    const r::arrays evaluated(counted);
    (void)numbers(evaluated), (void)numbers(evaluated);
    CHECK(evaluations == 12);
}

TEST_CASE("what does not fit a family is refused with the array's name, what was expected and what was found") {
    using urns = r::balls_and_urns<>;
    const urns family({.categories = 5});
    const r::generalizing<urns> counts(family);
    xt::xarray<std::int64_t> tokens = xt::xarray<std::int64_t>::from_shape({2, 4});
    tokens.fill(4);
    CHECK(r::predict(counts, r::arrays(tokens)).events() == 4);
    const auto refused = [&](std::int64_t token) {
        tokens(1, 2) = token;
        return [&] { (void)r::predict(counts, r::arrays(tokens)); };
    };
    CHECK_THROWS_WITH(refused(5)(), "rationale::predict: tokens holds 5 at flat position 6, must be in 0..4");
    CHECK_THROWS_WITH(refused(-1)(), "rationale::predict: tokens holds -1 at flat position 6, must be in 0..4");
    CHECK_THROWS_WITH(refused(std::int64_t{1} << 32)(), "rationale::predict: tokens holds 4294967296 at flat position 6, must be in 0..4");
    CHECK_THROWS_WITH((void)r::log_evidence(counts, r::arrays(tokens)),
                      "rationale::log_evidence: tokens holds 4294967296 at flat position 6, must be in 0..4");
    const xt::xtensor<std::uint64_t, 2> huge({1, 1}, std::numeric_limits<std::uint64_t>::max());
    CHECK_THROWS_WITH((void)r::predict(counts, r::arrays(huge)),
                      "rationale::predict: tokens holds 18446744073709551615 at flat position 0, must be in 0..4");
    const xt::xarray<std::int32_t> flat = xt::xarray<std::int32_t>::from_shape({8});
    CHECK_THROWS_WITH((void)r::predict(counts, r::arrays(flat)), "rationale::predict: tokens has 1 axes, must have 2 (ST)");
    const xt::xarray<std::int32_t> number = 1;
    CHECK_THROWS_WITH((void)r::predict(counts, r::arrays(number)), "rationale::predict: tokens has 0 axes, must have 2 (ST)");
    const xt::xtensor<std::int32_t, 2> empty({3, 0});
    CHECK(r::predict(counts, r::arrays(empty)).sequences() == 3);
    const r::balls_and_urns<2> coins;
    const xt::xtensor<bool, 2> heads({1, 3}, true);  // the second of two
    const xt::xtensor<std::int32_t, 2> ones({1, 3}, 1);
    CHECK(r::predict(r::generalizing<r::balls_and_urns<2>>(coins), r::arrays(heads)).values ==
          r::predict(r::generalizing<r::balls_and_urns<2>>(coins), r::arrays(ones)).values);

    using line = r::linear_regression<>;
    const line pairs({.dimensions = 3});
    const r::generalizing<line> ridge(pairs);
    xt::xarray<float> x = xt::xarray<float>::from_shape({2, 4, 3}), y = xt::xarray<float>::from_shape({2, 4});
    x.fill(1), y.fill(2);
    CHECK(r::predict(ridge, r::arrays(x, y)).events() == 4);
    CHECK_THROWS_WITH((void)r::predict(ridge, r::arrays(y, x)), "rationale::predict: x has 2 axes, must have 3 (STd)");
    const xt::xarray<float> longer = xt::xarray<float>::from_shape({2, 5});
    CHECK_THROWS_WITH((void)r::predict(ridge, r::arrays(x, longer)), "rationale::predict: y has length 5 on axis 1 (T), must be 4");
    const xt::xtensor<double, 3> plane({2, 4, 2}, 0.0);
    CHECK_THROWS_WITH((void)r::predict(ridge, r::arrays(plane, y)), "rationale::predict: x has length 2 on axis 2 (d), must be 3");
    y(1, 2) = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_WITH((void)r::predict(ridge, r::arrays(x, y)),
                      "rationale::predict: y holds not a number at flat position 6, must be finite");
    const xt::xtensor<double, 3> x_double = x;
    xt::xtensor<double, 2> y_double = y;
    CHECK_THROWS_WITH((void)r::predict(ridge, r::arrays(x_double, y_double)),
                      "rationale::predict: y holds not a number at flat position 6, must be finite");
    y_double(1, 2) = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH((void)r::log_evidence(ridge, r::arrays(x_double, y_double)),
                      "rationale::log_evidence: y holds inf at flat position 6, must be finite");
    const xt::xtensor<std::int16_t, 3> whole({2, 4, 3}, 1);
    const xt::xtensor<double, 2> two({2, 4}, 2.0);
    CHECK(r::predict(ridge, r::arrays(whole, two)).values == r::predict(ridge, r::arrays(xt::cast<double>(whole), two)).values);

    const r::finite_function<> functions({.inputs = 3, .outputs = 2});
    const xt::xtensor<std::int64_t, 2> in({1, 2}, 3), out({1, 2}, 1);
    CHECK_THROWS_WITH((void)r::predict(r::generalizing<r::finite_function<>>(functions), r::arrays(in, out)),
                      "rationale::predict: x holds 3 at flat position 0, must be in 0..2");
}

TEST_CASE("a strategy refuses a context in arrays of anybody's as in the library's") {
    using urns = r::balls_and_urns<>;
    const urns family({.categories = 2});
    const r::memorizing<urns> memorizing(family, urns::task_table{{{1, 0}}});
    const xt::xtensor<std::int64_t, 2> tokens({2, 3}, 1);
    CHECK_THROWS_AS((void)r::predict(memorizing, r::arrays(tokens)), r::impossible_context_error);
    CHECK(std::isnan(r::predict(memorizing, r::arrays(tokens), r::sequential{}, r::impossible_context::mask).values(0, 1, 0)));
}

TEST_CASE("a family of one's own without view_of has its sequences converted") {
    const last_price strategy;
    xt::xtensor<std::int64_t, 2> price({2, 3});
    for (std::size_t i = 0; i < 6; ++i) price.data()[i] = -static_cast<std::int64_t>(i);
    CHECK(r::predict(strategy, r::arrays(price)).values == r::predict(strategy, prices::sequences{price}).values);
    CHECK(r::predict(strategy, r::arrays(price)).values(1, 2, 0) == -4);
    price(1, 1) = std::int64_t{1} << 31;
    CHECK_THROWS_WITH((void)r::predict(strategy, r::arrays(price)),
                      "rationale::predict: price holds 2147483648 at flat position 4, must be from -2147483648 to 2147483647");
}

TEST_CASE("tables of tasks are made from arrays of other numbers, of integers only where they are represented") {
    const xt::xtensor<float, 2> single({2, 3}, .25f);
    CHECK(r::linear_regression<>::task_table{single}.tasks(1, 2) == .25);
    xt::xtensor<std::int64_t, 2> outputs({2, 3}, 1);
    CHECK(r::finite_function<>::task_table{outputs}.tasks(1, 2) == 1);
    outputs(0, 1) = std::int64_t{1} << 31;
    CHECK_THROWS_WITH((void)r::finite_function<>::task_table{outputs},
                      "rationale::ndarray: entry 1 of the array is 2147483648, must be a whole number from -2147483648 to 2147483647");
}
