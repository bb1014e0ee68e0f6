// A family that does what it says passes; one that does not is told what is wrong.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>

#include "rationale/prior/draws_of.hpp"
#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/ngrams.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/prior/random_hidden_markov.hpp"
#include "rationale/strategy/check_family.hpp"
#include "rationale/strategy/generalizing.hpp"

namespace r = rationale;

namespace {

enum fault {
    none,
    sum,         // predictions that do not sum to one
    forgotten,   // an outcome that is not predicted
    nats,        // observe gives other nats than were predicted
    ratio,       // factor is another number
    uncounted,   // what is shared does not take the observation in
    unknown,     // an extent that the family does not know
    drawn,       // sequences from another distribution than is predicted
    unwritten,   // a number that is not packed
    never_seen,  // a task gives probability 0 to what it shows
};

/// A die whose faces come as its numbers say, and one thing is wrong with it.
template <fault Wrong>
struct die : r::token_family<die<Wrong>> {
    static constexpr std::string_view name = "die";
    struct parameters {
        std::size_t faces = 3;
        static constexpr auto fields = std::make_tuple(r::parameter_field{"faces", &parameters::faces});
    };
    struct task_table {
        r::ndarray<double, 2> tasks;
        static constexpr auto fields = std::make_tuple(r::field{"tasks", &task_table::tasks, Wrong == unknown ? "DQ" : "DK"});
    };
    struct counts {
        std::vector<double> of;
    };
    die() = default;
    explicit die(parameters p) : values_(p) {}
    const parameters& values() const { return values_; }
    std::size_t outcomes() const { return 3; }
    std::size_t rows() const { return 3; }
    counts start() const { return {std::vector<double>(3)}; }
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const {
        for (std::size_t k = 0; k < (Wrong == unwritten ? 2 : 3); ++k) column[k * stride] = table.tasks(d, k);
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& w, const V*, const counts&, auto, Emit&& emit) const {
        for (std::size_t k = 0; k < (Wrong == forgotten ? 2 : 3); ++k) emit(k, Wrong == sum ? w[k] * V(0.9) : w[k]);
    }
    template <class Rows, class V>
    V observe(const Rows&, V*, const counts&, auto, const V* expected, std::size_t token) const {
        return r::kernel::logarithm(expected[token]) * V(Wrong == nats ? 2.0 : 1.0);
    }
    template <class Rows>
    auto factor(const Rows& w, const counts&, auto, std::size_t token) const {
        return w[Wrong == ratio ? (token + 1) % 3 : token];
    }
    void advance(counts& n, auto, std::size_t token) const { n.of[token] += Wrong == uncounted ? 0 : 1; }
    template <class Rows>
    auto log_likelihood(const Rows& w, const counts& n) const {
        using V = std::remove_cvref_t<decltype(w[0])>;
        V out(0.0);
        for (std::size_t k = 0; k < 3; ++k) out = out + V(n.of[k]) * r::kernel::logarithm(w[k]);
        return out;
    }
    template <class Draw, class Table>
    void sample(r::philox& rng, Draw&& draw, typename die::sequences& q, std::size_t s, Table& truth) const {
        draw(truth, s);
        for (auto& token : r::row(q.tokens, s)) {
            const auto k = static_cast<std::int32_t>(r::categorical(rng, r::row(truth.tasks, s)));
            token = Wrong == drawn && k == 0 ? 1 : k;
        }
        if constexpr (Wrong == never_seen) {
            const auto w = r::row(truth.tasks, s);
            const auto k = static_cast<std::size_t>(q.tokens(s, 0));
            w[(k + 1) % 3] += std::exchange(w[k], 0.0);
        }
    }
    parameters values_{};
};

template <fault Wrong>
auto own_prior(const die<Wrong>& family) {
    const auto draw = [](r::philox& rng, const die<Wrong>&, typename die<Wrong>::task_table& dice, std::size_t d) {
        r::sample_dirichlet(rng, std::vector<double>(3, 2.0), r::row(dice.tasks, d));
    };
    return r::draws_of(family, draw, 4);
}

template <class F>
std::string complaint(const F& family) {
    try {
        r::check_family(family);
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "";
}

bool says(const std::string& text, const char* what) {
    const bool found = text.find(what) != std::string::npos;
    if (!found) MESSAGE("\"" << text << "\" lacks \"" << what << "\"");
    return found;
}

}  // namespace

TEST_CASE("the library's families do what they say") {
    CHECK(complaint(die<none>()) == "");
    CHECK(complaint(r::balls_and_urns<4>()) == "");
    CHECK(complaint(r::linear_regression<>(
              {.dimensions = 3, .noise_variance = .3, .task_variance = 2, .input_variance = 4, .task_mean = {1}})) == "");
    CHECK(complaint(r::classification<>({.dimensions = 3, .labels = 3, .within_class_variance = .4})) == "");
    CHECK(complaint(r::markov_chain<>({.categories = 3, .order = 2})) == "");
    CHECK(complaint(r::markov_chain<>({.categories = 3, .stationary_start = true})) == "");
    CHECK(complaint(r::hidden_markov<>({.categories = 3, .states = 2})) == "");
    CHECK(complaint(r::finite_function<>({.inputs = 3, .outputs = 2, .noise = .2})) == "");
    CHECK(complaint(r::gaussian_location({.noise_variance = .5, .shape = 3})) == "");
}

TEST_CASE("what is wrong with a family is named") {
    const std::string where = "rationale::check_family: die: ";
    CHECK(says(complaint(die<sum>()), "predictions sum to 0.9 at event 0 of sequence 0, must sum to 1"));
    CHECK(complaint(die<forgotten>()) == where + "predict emits outcome 2 0 times at event 0 of sequence 0, must be once");
    CHECK(says(complaint(die<nats>()), "the log of what was predicted for the observation"));
    CHECK(says(complaint(die<ratio>()), "exp of what observe gives"));
    CHECK(says(complaint(die<uncounted>()), "does advance take the observation in?"));
    CHECK(complaint(die<unknown>()) == where + "extent('Q') is 0, must be at least 1, as the array tasks is declared with it");
    CHECK(says(complaint(die<drawn>()), "sample does not draw what predict says"));
    CHECK(complaint(die<unwritten>()) == where + "pack leaves number 2 of a task unwritten, or writes nan");
    CHECK(says(complaint(die<never_seen>()), "comes at event 0 of sequence 0, where its task gives it probability 0"));
}

namespace {
/// A regression whose evidence lacks its constant, or whose noise is not what it says.
template <bool Constant>
struct careless_line : r::linear_regression<2> {
    explicit careless_line(double noise) : r::linear_regression<2>({.noise_variance = noise}) {}
    template <class Rows, class V>
    V observe(const Rows&, V*, const moments&, const lane_input<V>& input, const V* mean, double y) const {
        const V residual = r::kernel::broadcast<V>(y) - mean[0];
        return residual * residual * input.minus_half_precision + (Constant ? input.minus_log_norm : V(0.0));
    }
    template <class Draw>
    void sample(r::philox& rng, Draw&& draw, sequences& q, std::size_t s, task_table& truth) const {
        r::linear_regression<2>::sample(rng, draw, q, s, truth);
        for (std::size_t t = 0; t < q.y.shape(1); ++t) q.y(s, t) += 0.4 * r::standard_normal(rng);
    }
};
}  // namespace

TEST_CASE("densities of means integrate to one, and observations vary as they say") {
    CHECK(says(complaint(careless_line<false>(.01)), "over y at event 0 of sequence 0, must be 1, constants included"));
    CHECK(says(complaint(careless_line<true>(.01)), "times as much as observe weighs them"));
}
