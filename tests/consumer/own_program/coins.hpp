// A family of one's own: coins, whose probability of heads is Beta distributed. Nothing here or in coins_memory.hpp is known to the
// library.
#ifndef COINS_HPP
#define COINS_HPP

#include <rationale/prior/seen_tasks.hpp>
#include <rationale/random/samplers.hpp>
#include <rationale/task/token_family.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <vector>

/// A task is a probability of heads, a token 1 for heads and 0 for tails.
struct coins : rationale::token_family<coins> {
    static constexpr std::string_view name = "coins";
    struct parameters {
        double heads = 1, tails = 1;  ///< of the Beta distribution
        static constexpr auto fields = std::make_tuple(rationale::parameter_field{"heads", &parameters::heads},
                                                       rationale::parameter_field{"tails", &parameters::tails});
    };
    struct task_table {
        rationale::ndarray<double, 1> tasks;
        static constexpr auto fields = std::make_tuple(rationale::field{"tasks", &task_table::tasks, "D"});
    };
    explicit coins(parameters p) : values_(p) {}
    const parameters& values() const { return values_; }
    std::size_t outcomes() const { return 2; }
    std::size_t rows() const { return 1; }
    struct nothing {};
    nothing start() const { return {}; }
    template <class Rows, class V, class Emit>
    void predict(const Rows& p, const V*, nothing, auto, Emit&& give) const {
        give(std::size_t{0}, V(1.0) - p[0]);
        give(std::size_t{1}, p[0]);
    }

private:
    parameters values_;
};

/// The family's own prior.
class beta {
public:
    explicit beta(const coins::parameters& p) : heads_(p.heads), tails_(p.tails) {}
    double mean() const { return heads_ / (heads_ + tails_); }
    double sum() const { return heads_ + tails_; }
    static constexpr std::size_t size() { return 1; }
    double log_weight(std::size_t) const { return 0; }
    std::vector<double> numbers() const { return {heads_, tails_}; }
    void draw(rationale::philox& rng, const coins&, coins::task_table& table, std::size_t d) const {
        std::array<double, 2> drawn{};
        rationale::sample_dirichlet(rng, std::array{heads_, tails_}, drawn);
        table.tasks(d) = drawn[0];
    }

private:
    double heads_, tails_;
};
inline beta own_prior(const coins& family) { return beta(family.values()); }

/// The fold of a Beta belief with mean r and u = 1/(sum of its parameters): P(heads) = (r + u heads)/(1 + u t) after t throws.
struct beta_fold {
    struct throws {
        double heads = 0, all = 0;
    };
    std::size_t outcomes() const { return 2; }
    std::size_t rows() const { return 2; }
    /// Every throw counts e times.
    void temper(double e) { exponent = e; }
    throws start() const { return {}; }
    template <class Rows, class V, class Emit>
    void predict(const Rows& belief, const V*, const throws& seen, auto, Emit&& give) const {
        const V heads = (belief[0] + belief[1] * rationale::kernel::broadcast<V>(seen.heads)) /
                        (V(1.0) + belief[1] * rationale::kernel::broadcast<V>(seen.all));
        give(std::size_t{0}, V(1.0) - heads);
        give(std::size_t{1}, heads);
    }
    template <class Rows, class V>
    V observe(const Rows& belief, V*, const throws& seen, auto, const V* expected, std::size_t token) const {
        if (exponent == 1) return rationale::kernel::logarithm(expected[token]);
        const auto number = [](double x) { return rationale::kernel::broadcast<V>(x); };
        const V mean = token == 1 ? V(belief[0]) : V(1.0) - belief[0];
        const V before = mean + belief[1] * number(token == 1 ? seen.heads : seen.all - seen.heads);
        return rationale::kernel::log_rising(before, V(belief[1]), number(exponent)) -
               rationale::kernel::log_rising(V(1.0) + belief[1] * number(seen.all), V(belief[1]), number(exponent));
    }
    void advance(throws& seen, auto, std::size_t token) const { seen.heads += exponent * static_cast<double>(token), seen.all += exponent; }

    double exponent = 1;
};
template <>
struct rationale::predictive<coins, beta> : beta_fold {
    predictive(const coins&, const beta&) {}
    void pack(const beta& prior, std::size_t, double* column, std::size_t stride) const {
        column[0] = prior.mean(), column[stride] = 1 / prior.sum();
    }
};

#endif
