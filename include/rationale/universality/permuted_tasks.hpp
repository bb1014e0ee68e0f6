#ifndef RATIONALE_UNIVERSALITY_PERMUTED_TASKS_HPP
#define RATIONALE_UNIVERSALITY_PERMUTED_TASKS_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/hypotheses.hpp"

namespace rationale {

// Many tasks made of one, as in general-purpose in-context learning (arXiv 2212.04458): task d is base(projection_d(x)) with its labels
// permuted. Each of the paper's three phases is a strategy of these: what no context changes is `constant`, telling which of D seen tasks
// it is `memorizing` of D of them, and learning a task that was never seen `memorizing` of, or Bayes with, all of them.

/// y = permutation(base(x)) for every one of the K! permutations of the labels, each as probable as any other. `base` has the label of
/// every input. Throws std::invalid_argument for another number of labels than inputs, for a label that is none, and for K above 8, whose
/// permutations are 362880 tasks.
template <std::size_t K>
[[nodiscard]] seen_tasks<finite_function<K>> label_permutations(const finite_function<K>& family, std::span<const std::int32_t> base) {
    constexpr const char* where = "rationale::label_permutations";
    const std::size_t labels = family.outcomes();
    detail::check_size(where, "base", base.size(), family.inputs());
    for (const std::int32_t y : base)
        if (y < 0 || static_cast<std::size_t>(y) >= labels)
            detail::refuse(where, "a label", std::to_string(y), "below " + std::to_string(labels));
    if (labels > 8) detail::refuse(where, "the number of labels", std::to_string(labels), "at most 8");
    std::size_t count = 1;
    for (std::size_t k = 2; k <= labels; ++k) count *= k;
    return hypotheses(family, count,
                      [&](std::size_t h, std::size_t x) { return permutation(labels, h, static_cast<std::size_t>(base[x])); });
}

/// y = base.(A x) + noise with a random projection A, d x d of independent N(0, 1/d): the weights are A' base, so this is the prior
/// N(0, |base|^2/d I). Throws std::invalid_argument for another size than the family's, and for a base of 0.
template <std::size_t Dimensions>
[[nodiscard]] gaussian random_projections(const linear_regression<Dimensions>& family, std::span<const double> base) {
    detail::check_size("rationale::random_projections", "base", base.size(), family.dimensions());
    double square = 0;
    for (double b : base) square += b * b;
    return {std::vector<double>(base.size()), square / static_cast<double>(base.size())};
}

}  // namespace rationale

#endif
