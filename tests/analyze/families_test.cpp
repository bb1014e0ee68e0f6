#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "rationale/prior/features.hpp"
#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/rationale.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

namespace {

using namespace rationale;
using namespace rationale_test;

/// A recording of a model that goes from G to M, the later the more tasks; analyzed by the program, with memory where the family has one.
enum class memory_of_tasks { limited, exact };
template <class F>
void is_analyzed(const F& family, std::size_t context, memory_of_tasks memory) {
    CAPTURE(std::string(F::name));
    const temporary_folder in, out;
    recording_writer<F> writer(in.path(), "made up", family);
    for (std::size_t tasks : {2u, 4u, 8u}) {
        const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), tasks, 1));
        const strategies both(memorizing<F>(family, seen), generalizing<F>(family));
        const per_split<typename F::sequences> q{sample_sequences(family, seen, 12, context, 2).sequences,
                                                 sample_sequences(family, own_prior(family), 12, context, 3).sequences};
        per_split<std::vector<predictions>> parts;
        for (const auto split : splits) parts[split] = predict_all(both, q[split], sequential{}, impossible_context::mask);
        writer.add_run({.table = seen.table(),
                        .seed = 1,
                        .steps = {10, 100, 1000, 10000},
                        .sequences = {q.id, q.ood},
                        .model = [&](split split, std::size_t n) {
                            const double w =
                                (static_cast<double>(n) + 0.5) / (static_cast<double>(n) + 0.5 + static_cast<double>(tasks) / 3);
                            return mixture(parts[split], std::array{w, 1 - w});
                        }});
    }
    writer.finish();
    const auto o = run(in.path().string() + " --verbose --loss-sequences 300 -o " + out.path().string());
    INFO(o.output);
    REQUIRE(o.code == 0);
    CHECK(o.output.find("of the family " + std::string(F::name)) != std::string::npos);
    const auto all = results(out.path())["recordings"][0];
    CHECK(all.contains("memory") == (memory == memory_of_tasks::limited));
    CHECK((o.output.find("Memory of limited precision is left out: the family " + std::string(F::name) + " has no conjugate prior") !=
           std::string::npos) == (memory == memory_of_tasks::exact));
    for (const auto& s : all["scores"]) CHECK(s["best_mixture_divergence"].get<double>() < 1e-4);
    for (const auto& row : cells(out.path())) {
        const std::size_t n = row.at("step").size() - 2;
        const double tasks = std::stod(row.at("tasks")), at = static_cast<double>(n) + 0.5;
        if (row.at("relative_distance_state") == "defined")
            CHECK(std::stod(row.at("weight_memorizing")) == doctest::Approx(at / (at + tasks / 3)).epsilon(0.05));
    }
}

}  // namespace

#ifndef __SANITIZE_ADDRESS__  // minutes there: the program is the same for all families
TEST_CASE("recordings of every family that the library knows are written, read and analyzed") {
    is_analyzed(hidden_markov<>({.categories = 3}), 12, memory_of_tasks::exact);
    is_analyzed(finite_function<>({.inputs = 4, .outputs = 3, .noise = 0.1}), 8, memory_of_tasks::exact);
    is_analyzed(markov_chain<>({.categories = 3, .order = 2, .stationary_start = true}), 12, memory_of_tasks::limited);
    is_analyzed(gaussian_location(), 8, memory_of_tasks::limited);
    is_analyzed(gaussian_location({.shape = 3.0}), 8, memory_of_tasks::limited);
    is_analyzed(feature_regression<fourier_basis>({.degree = 2}), 8, memory_of_tasks::limited);
    is_analyzed(feature_regression<polynomial_basis>({.degree = 2}), 8, memory_of_tasks::limited);
    is_analyzed(feature_regression<relu_basis>({.dimensions = 2, .degree = 4}), 8, memory_of_tasks::limited);
}
#endif
