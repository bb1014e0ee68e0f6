// expect: rationale::families<F...>: two families have the same name
#include "rationale/recording/families.hpp"

rationale::known_families::with<rationale::balls_and_urns<8>> twice;
