// expect: rationale::strategies<S...>: every S must be a strategy, see rationale/strategy/strategy.hpp
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<>;
struct strategy_without_numbers {
    urns family_value;
    const urns& family() const { return family_value; }
    std::string_view name() const { return "forgetful"; }
    void predict_sequence(const urns::sequence_view&, std::span<double>, std::span<double>) const {}
};
template class rationale::strategies<rationale::memorizing<urns>, strategy_without_numbers>;
