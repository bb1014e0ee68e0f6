// expect: deleted
#include "rationale/rationale.hpp"

int main() {
    const rationale::predictions p;
    const rationale::mixture_compressor gone(std::array{p, p});
}
