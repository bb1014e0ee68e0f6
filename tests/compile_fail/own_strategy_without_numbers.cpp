// expect: rationale::strategies<S...>: every S must be a strategy, see rationale/strategy/strategy.hpp
#include "rationale/rationale.hpp"

// A strategy of one's own that does not say what it must store, so nobody knows its complexity.
struct always_even {
    rationale::balls_and_urns<2> family_;
    const rationale::balls_and_urns<2>& family() const { return family_; }
    static constexpr std::string_view name() { return "always even"; }
    void predict_sequence(const auto&, std::span<double>, std::span<double>) const {}
};
template class rationale::strategies<always_even>;
