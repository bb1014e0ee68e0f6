#include "rationale/rationale.hpp"

std::size_t of_second();

int main() { return of_second() == rationale::balls_and_urns<>({.categories = 3}).outcomes() ? 0 : 1; }
