// analyze: fits the rational learner's law to recordings of trained models and says what it finds.
#include "analysis.hpp"
#include "rationale/program/run_program.hpp"

int main(int argc, char** argv) { return rationale::run_program(argc, argv, analyze_known); }
