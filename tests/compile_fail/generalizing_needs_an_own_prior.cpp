// expect: rationale::generalizing<F>: F has no own_prior(family), the prior that fresh tasks come from
#include "rationale/rationale.hpp"

struct family_without_an_own_prior : rationale::balls_and_urns<> {
    friend void own_prior(const family_without_an_own_prior&) = delete;
};
template struct rationale::generalizing_strategy<family_without_an_own_prior>;
