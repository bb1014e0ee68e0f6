// expect: deleted
#include "rationale/fit/observations.hpp"

int main() {
    const rationale::observations o;
    const auto gone = rationale::cells_of(o, rationale::as_observed(o), rationale::is_fitted);
}
