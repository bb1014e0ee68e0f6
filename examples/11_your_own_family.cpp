// A family of your own, a die that wears, runs through everything: predictions, losses, the learner, a recording and its analysis.
#include <filesystem>
#include <iostream>

#include "rationale/analysis/analyze_recording.hpp"
#include "rationale/analysis/summary.hpp"
#include "rationale/rationale.hpp"
#include "rationale/recording/recording_writer.hpp"

// The family and its prior, 30 lines. After t throws keep^t is left of a die's bias w, the rest is fair: P(k) = keep^t w_k + (1 -
// keep^t)/K.
struct wearing_die : rationale::token_family<wearing_die> {
    static constexpr std::string_view name = "wearing_die";
    struct parameters {
        std::size_t faces = 0;
        double keep = 0.9;
        static constexpr auto fields = std::make_tuple(rationale::parameter_field{"faces", &parameters::faces, /*required=*/true},
                                                       rationale::parameter_field{"keep", &parameters::keep});
    };
    struct task_table {
        rationale::ndarray<double, 2> tasks;
        static constexpr auto fields = std::make_tuple(rationale::field{"tasks", &task_table::tasks, "DK"});
    };
    explicit wearing_die(parameters p) : values_(p) {}
    const parameters& values() const { return values_; }
    std::size_t outcomes() const { return values_.faces; }
    std::size_t rows() const { return values_.faces; }  // numbers of a die
    double start() const { return 1; }                  // what is left of the bias
    template <class Rows, class V, class Emit>
    void predict(const Rows& w, const V*, double left, auto, Emit&& emit) const {
        for (std::size_t k = 0; k < values_.faces; ++k) emit(k, V(left) * w[k] + V((1 - left) / static_cast<double>(values_.faces)));
    }
    void advance(double& left, auto, std::size_t) const { left *= values_.keep; }
    parameters values_;
};
// Its own prior: any bias is as probable as any other.
auto own_prior(const wearing_die& family) {
    const auto draw = [](rationale::philox& rng, const wearing_die& die, wearing_die::task_table& dice, std::size_t d) {
        rationale::sample_dirichlet(rng, std::vector<double>(die.outcomes(), 1.0), row(dice.tasks, d));
    };
    return rationale::draws_of(family, draw, /*count=*/512);
}

int main() {
    using M = rationale::memorizing<wearing_die>;
    using G = rationale::generalizing<wearing_die>;
    const wearing_die family({.faces = 4});
    rationale::check_family(family);  // while it is written: throws with the first fault, in a sentence
    const std::size_t context = 24;

    // What a rational learner with a known law would say along its training, recorded for four numbers of dice.
    const auto folder = std::filesystem::temp_directory_path() / "rationale-wearing-die";
    std::filesystem::remove_all(folder);
    rationale::recording_writer<wearing_die> recording(folder, "dice that wear", family);
    for (std::size_t dice : {4u, 8u, 16u, 32u}) {
        const auto table = rationale::sample_tasks(family, own_prior(family), dice, /*seed=*/1);
        const rationale::strategies both(M(family, table), G(family));
        const auto losses = rationale::estimate_losses(both, both.get<0>().prior(), context, {.seed = 3, .most_sequences = 4096});
        const std::vector<double> bits{256.0 * static_cast<double>(dice), 0};
        const rationale::learner learner(both, {losses.mean, bits}, rationale::power_law_evidence{.alpha = .5, .gamma = 20},
                                         rationale::power_simplicity{.beta = .3});
        const auto seen = rationale::sample_sequences(family, both.get<0>().prior(), 30, context, /*seed=*/2).sequences;
        const std::vector<std::int64_t> steps{10, 30, 100, 300, 1000, 3000, 10000, 30000};
        recording.add_run(
            {.table = table, .seed = 1, .steps = steps, .sequences = {seen}, .model = [&](rationale::split, std::size_t checkpoint) {
                 return learner.predict(seen, {.steps = static_cast<double>(steps[checkpoint])});
             }});
    }
    recording.finish();

    // Found by its name, beside those of the library that are wanted: known_families has all, and each takes its time to compile.
    using families = rationale::families<rationale::balls_and_urns<>>::with<wearing_die>;
    const auto analysis = rationale::analyze_any<families>(rationale::read_manifest(folder), {.losses = {.most_sequences = 4096}});
    rationale::print_summary(std::cout, analysis);
    return analysis.scores.at(0).law_loss < 1e-4 ? 0 : 1;
}
