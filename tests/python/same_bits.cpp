// Writes predictions and log evidence, as bytes, of tasks and sequences that test_same_bits.py draws too.
#include <cstdio>

#include "rationale/rationale.hpp"

namespace {
template <class S>
void write(const S& s, const typename rationale::detail::family_of<S>::sequences& data) {
    const auto p = rationale::predict(s, data);
    std::fwrite(p.values.data(), sizeof(double), p.values.size(), stdout);
    std::fwrite(p.log_evidence.data(), sizeof(double), p.log_evidence.size(), stdout);
}
template <class F>
void write_family(const F& family) {
    const auto tasks = rationale::sample_tasks(family, own_prior(family), 40, 7);
    const rationale::seen_tasks<F> seen(family, tasks);
    const auto drawn = rationale::sample_sequences(family, seen, 24, 11, 8);
    write(rationale::memorizing<F>(family, seen), drawn.sequences);
    write(rationale::generalizing<F>(family), drawn.sequences);
}
}  // namespace

int main() {
    rationale::balls_and_urns<>::parameters urns;
    urns.categories = 5, urns.concentration = {0.7};
    write_family(rationale::balls_and_urns<>(urns));
    rationale::linear_regression<>::parameters linear;
    linear.dimensions = 3;
    write_family(rationale::linear_regression<>(linear));
    rationale::classification<>::parameters items;
    items.dimensions = 3;
    write_family(rationale::classification<>(items));
}
