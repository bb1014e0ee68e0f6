// What the optional components bring, compiled and linked: npz files, figures, description lengths.
#include <rationale/complexity/compressors.hpp>
#include <rationale/figure/figure.hpp>
#include <rationale/recording/npz.hpp>

#include <vector>

int main() {
    bool refused = false;
    try {
        const rationale::npz_file missing("no such file.npz");
    } catch (const rationale::recording_error&) {
        refused = true;
    }
    const rationale::figure figure{"name", "title", "caption", {{{"step", 1}}}, {}};
    const auto shortest = rationale::description_length(std::vector<double>(1000, 0.0), rationale::system_compressors());
    return refused && figure.csv() == "step\n1\n" && shortest.bits < 8000 ? 0 : 1;
}
