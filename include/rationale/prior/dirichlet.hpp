#ifndef RATIONALE_PRIOR_DIRICHLET_HPP
#define RATIONALE_PRIOR_DIRICHLET_HPP

#include <cstddef>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/balls_and_urns.hpp"

namespace rationale {

/// Dirichlet(a_1..a_K) over the probabilities of K categories.
class dirichlet {
public:
    /// Throws std::invalid_argument for no numbers or one that is not positive.
    explicit dirichlet(std::vector<double> concentration) : concentration_(std::move(concentration)) {
        if (concentration_.empty()) throw std::invalid_argument("rationale::dirichlet: concentration has 0 numbers, must have at least 1");
        for (double a : concentration_) detail::positive("rationale::dirichlet", "concentration", a);
    }

    [[nodiscard]] std::span<const double> concentration() const noexcept { return concentration_; }

    [[nodiscard]] std::size_t size() const noexcept { return 1; }
    [[nodiscard]] double log_weight(std::size_t) const noexcept { return 0; }
    [[nodiscard]] std::vector<double> numbers() const { return concentration_; }

    template <std::size_t K>
    void draw(philox& rng, const balls_and_urns<K>&, typename balls_and_urns<K>::task_table& table, std::size_t d) const {
        sample_dirichlet(rng, concentration_, row(table.tasks, d));
    }

private:
    std::vector<double> concentration_;
};

template <std::size_t K>
[[nodiscard]] dirichlet own_prior(const balls_and_urns<K>& family) {
    return dirichlet(family.values().concentration);
}

/// Urns whose belief is a Dirichlet: after n_k draws of category k, P(k) = (a_k + n_k)/(t + sum a).
template <std::size_t K>
struct predictive<balls_and_urns<K>, dirichlet> {
    struct counts {
        std::vector<double> of;
        double total = 0;
    };

    predictive(const balls_and_urns<K>& family, const dirichlet& prior) : family_(family) {
        if (prior.concentration().size() != family.outcomes())
            throw std::invalid_argument("rationale::bayes: dirichlet has " + std::to_string(prior.concentration().size()) +
                                        " numbers, must have " + std::to_string(family.outcomes()));
    }

    [[nodiscard]] std::size_t outcomes() const noexcept { return family_.outcomes(); }
    [[nodiscard]] std::size_t rows() const noexcept { return outcomes() + 1; }
    [[nodiscard]] counts start() const { return {std::vector<double>(outcomes())}; }
    void pack(const dirichlet& prior, std::size_t, double* column, std::size_t stride) const noexcept {
        double total = 0;
        for (std::size_t k = 0; k < outcomes(); ++k) total += column[k * stride] = prior.concentration()[k];
        column[outcomes() * stride] = total;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& a, const V*, const counts& n, auto, Emit&& emit) const {
        const V whole = V(1.0) / (a[outcomes()] + V(n.total));
        for (std::size_t k = 0; k < outcomes(); ++k) emit(k, (a[k] + V(n.of[k])) * whole);
    }
    template <class Rows, class V>
    V observe(const Rows&, V*, const counts&, auto, const V* expected, std::size_t token) const {
        return kernel::logarithm(expected[token]);
    }
    void advance(counts& n, auto, std::size_t token) const noexcept {
        n.of[token] += 1;
        n.total += 1;
    }

private:
    balls_and_urns<K> family_;
};

}  // namespace rationale

#endif
