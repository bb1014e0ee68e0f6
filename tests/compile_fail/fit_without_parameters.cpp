// expect: evidence_law
#include <vector>

#include "rationale/fit/fit_law.hpp"

struct nameless {
    double rate = 1;
    friend bool operator==(const nameless&, const nameless&) = default;
};

int main() { (void)rationale::fit_law<nameless, rationale::power_simplicity>({}, {}); }
