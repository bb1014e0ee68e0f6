#include "rationale/rationale.hpp"

std::size_t of_second() { return rationale::balls_and_urns<3>().outcomes(); }
