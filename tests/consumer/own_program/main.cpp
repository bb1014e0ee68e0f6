// The program `analyze` for recordings of coins.
#include "coins_memory.hpp"
#include "rationale/program/analyze_program.hpp"

int main(int argc, char** argv) { return rationale::analyze_program<rationale::families<coins>>(argc, argv); }
