#ifndef RATIONALE_PRIOR_RANDOM_HIDDEN_MARKOV_HPP
#define RATIONALE_PRIOR_RANDOM_HIDDEN_MARKOV_HPP

#include <cstddef>
#include <vector>

#include "rationale/prior/draws_of.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/hidden_markov.hpp"

namespace rationale {

/// Draws a hidden Markov model with the family's Dirichlet rows.
struct random_hidden_markov {
    /// Fills row d of the table.
    template <std::size_t K>
    void operator()(philox& rng, const hidden_markov<K>& family, typename hidden_markov<K>::task_table& table, std::size_t d) const {
        const std::size_t k = family.outcomes(), h = family.states();
        for (std::size_t i = 0; i < h; ++i)
            sample_dirichlet(rng, std::vector<double>(k, family.values().concentration), row(table.tasks, d).subspan(i * k, k));
        for (std::size_t i = 0; i < h; ++i)
            sample_dirichlet(rng, std::vector<double>(h, family.values().transition_concentration),
                             row(table.transitions, d).subspan(i * h, h));
    }
};

/// Bayes with it has no closed form: 4096 draws stand for it.
template <std::size_t K>
[[nodiscard]] draws_of<hidden_markov<K>, random_hidden_markov> own_prior(const hidden_markov<K>& family) {
    return {family, random_hidden_markov()};
}

}  // namespace rationale

#endif
