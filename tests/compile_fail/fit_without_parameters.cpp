// expect: evidence_law
#include "rationale/learner/simplicity_laws.hpp"

struct nameless {
    double rate = 1;
    friend bool operator==(const nameless&, const nameless&) = default;
};

template struct rationale::rational_law<nameless, rationale::power_simplicity>;
