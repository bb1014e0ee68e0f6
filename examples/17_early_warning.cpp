// Does a run announce that it will come to memorize? Before a tipping point variance and autocorrelation rise: here of where the model
// stands between generalizing and memorizing, in a window of checkpoints before it passes the middle. None of the recordings' runs
// announced it. That says little: the last lines have how often a system that does slow down is noticed, and with a dozen or two of
// checkpoints it is not.
#include <cstdio>
#include <string>
#include <vector>

#include "rationale/compare/divergence.hpp"
#include "rationale/compare/relative_distance.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/recording/manifest.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/universality/early_warning.hpp"

struct counts {
    std::size_t announced = 0, passed = 0, alarms = 0, stayed = 0;
};

template <class F>
void look(const std::string& folder, counts& of) {
    const auto recording = rationale::read_manifest(folder);
    const F family = rationale::family_of<F>(recording);
    for (const auto& entry : recording.runs) {
        const rationale::run_reader<F> run(recording, entry, family);
        const auto& data = run.sequences(rationale::split::id);
        const auto m = predict(rationale::memorizing<F>(family, run.table()), data), g = predict(rationale::generalizing<F>(family), data);
        const auto apart = default_divergences(m, g);
        std::vector<double> place;  // 0 = G, 1 = M, until it passes the middle
        bool passes = false;
        run.for_each_checkpoint(rationale::split::id, [&](std::size_t, const rationale::predictions& model) {
            const double here = rationale::relative_distance(default_divergences(model, m), default_divergences(model, g), apart).value;
            passes = passes || here > .5;
            if (!passes) place.push_back(here);
        });
        if (place.size() < 8) continue;  // too few to see anything
        const auto found = rationale::early_warning(place);
        const bool warned = found.variance_by_chance <= .05 || found.autocorrelation_by_chance <= .05;
        (passes ? of.passed : of.stayed) += 1;
        (passes ? of.announced : of.alarms) += warned;
        std::printf("%6zu %12zu %10s %12.2f (%.2f) %13.2f (%.2f)\n", run.tasks(), place.size(), passes ? "yes" : "no",
                    found.variance_trend.tau, found.variance_by_chance, found.autocorrelation_trend.tau, found.autocorrelation_by_chance);
    }
}

int main() {
    std::printf("                               Kendall's tau with its probability by chance, of\n");
    std::printf("     D  checkpoints    passes         variance     autocorrelation\n");
    counts of;
    look<rationale::balls_and_urns<>>("examples/data/balls_and_urns", of);
    look<rationale::linear_regression<>>("examples/data/linear_regression", of);
    look<rationale::classification<>>("examples/data/classification", of);
    std::printf("announced: %zu of %zu switches; false alarms: %zu of %zu other runs\n", of.announced, of.passed, of.alarms, of.stayed);

    // Systems that slow down, x_t = m x_(t-1) + noise with a memory m that grows from 0.2 to 1, and ones whose m stays 0.5.
    std::printf("\nvalues   slowing: noticed   steady: taken for slowing\n");
    double noticed = 0, wrongly = 0;
    for (std::size_t n : {12u, 25u, 100u, 250u}) {
        noticed = wrongly = 0;
        for (std::uint64_t i = 0; i < 25; ++i) {
            auto rng = rationale::stream(rationale::purpose::own, n, i);
            std::vector<double> slowing{0}, steady{0};
            for (std::size_t t = 1; t < n; ++t) {
                const double z = rationale::standard_normal(rng), share = static_cast<double>(t) / static_cast<double>(n);
                slowing.push_back((.2 + .8 * share) * slowing.back() + z), steady.push_back(.5 * steady.back() + z);
            }
            noticed += rationale::early_warning(slowing, {.series = 60, .seed = i}).variance_by_chance <= .05;
            wrongly += rationale::early_warning(steady, {.series = 60, .seed = i}).variance_by_chance <= .05;
        }
        std::printf("%6zu %14.0f %% %22.0f %%\n", n, 4 * noticed, 4 * wrongly);
    }
    return of.passed > 0 && noticed > 8 && wrongly < 7 ? 0 : 1;
}
