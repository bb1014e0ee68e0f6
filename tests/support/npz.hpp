// Whole arrays of an npz file, for tests.
#ifndef RATIONALE_TESTS_SUPPORT_NPZ_HPP
#define RATIONALE_TESTS_SUPPORT_NPZ_HPP

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "rationale/recording/npz.hpp"

namespace rationale_test {

struct npz_entry {
    std::vector<std::size_t> shape;
    std::vector<double> values;
};

inline std::map<std::string, npz_entry> load_npz(const std::string& path) {
    const rationale::npz_file file(path);
    std::map<std::string, npz_entry> out;
    std::istringstream names(file.contents());
    for (std::string name; std::getline(names >> std::ws, name, ',');) {
        auto in = file.open(name);
        npz_entry e{in.shape(), std::vector<double>(in.left())};
        in.read(std::span(e.values));
        in.finish();
        out.emplace(name, std::move(e));
    }
    return out;
}

}  // namespace rationale_test

#endif
