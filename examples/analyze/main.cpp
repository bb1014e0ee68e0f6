// analyze: fits the rational learner's law to recordings of trained models and says what it finds.
#include "instances.hpp"
#include "rationale/program/analyze_program.hpp"

int main(int argc, char** argv) { return rationale::analyze_program(argc, argv); }
