// What does a prediction cost in linear regression, by memorizing (dMMSE) and by ridge at every prefix?
#include <cstddef>
#include <string>

#include "support.hpp"

namespace {

template <std::size_t Dimensions, class Real>
void add_memorizing(const std::string& name, const std::string& variant, std::size_t context) {
    using regression = rationale::linear_regression<Dimensions>;
    const regression family;
    rationale_benchmark::add_prediction(
        name, variant, family, {.tasks = 4096, .context = context, .sequences = 64},
        [=](const typename regression::task_table& table) { return rationale::memorizing<regression, Real>(family, table); });
}

constexpr rationale_benchmark::sizes ridge_size{.tasks = 1024, .context = 64, .sequences = 4096};

template <std::size_t Dimensions, class Real>
void add_ridge(const std::string& name, const std::string& variant, const rationale_benchmark::sizes& size = ridge_size) {
    using regression = rationale::linear_regression<Dimensions>;
    const regression family;
    rationale_benchmark::add_prediction(name, variant, family, size, [=](const typename regression::task_table&) {
        return rationale::bayes<regression, rationale::gaussian, Real>(family);
    });
}

}  // namespace

int main(int argc, char** argv) {
    add_memorizing<8, float>("dmmse-d8-T16", "float", 16);
    add_memorizing<8, double>("dmmse-d8-T16", "double", 16);
    add_memorizing<8, float>("dmmse-d8-T64", "float", 64);
    add_memorizing<8, double>("dmmse-d8-T64", "double", 64);
    add_ridge<8, float>("ridge-d8-T64", "float");
    add_ridge<8, double>("ridge-d8-T64", "double");
    add_ridge<16, float>("ridge-d16-T64", "float");
    add_ridge<16, double>("ridge-d16-T64", "double");
    constexpr rationale_benchmark::sizes few{.tasks = 1024, .context = 64, .sequences = 32};
    add_ridge<8, float>("ridge-d8-T64-in-cache", "float", few);
    add_ridge<16, float>("ridge-d16-T64-in-cache", "float", few);
    rationale_benchmark::add_reading("ridge-d8-T64", rationale::linear_regression<8>(), ridge_size);
    rationale_benchmark::add_reading("ridge-d16-T64", rationale::linear_regression<16>(), ridge_size);
    return rationale_benchmark::run(argc, argv);
}
