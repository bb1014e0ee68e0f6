// Does a run announce that it will come to memorize? Variance and autocorrelation of where the model stands between generalizing and
// memorizing, in a window of checkpoints before it passes the middle, rise before a tipping point. Of the recordings' runs that pass it
// after eight checkpoints or more none announced it: this is a balance of losses and complexities that moves, and no tipping point.
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

    // One that is announced: x' = -mu x - x^3 with noise, whose mu falls to 0 where the rest at x = 0 ends.
    std::vector<double> x{0};
    auto rng = rationale::stream(rationale::purpose::own, 1);
    for (int t = 1; t < 400; ++t) {
        const double mu = 1 - t / 400., last = x.back();
        x.push_back(last - mu * last - last * last * last + .05 * rationale::standard_normal(rng));
    }
    const auto found = rationale::early_warning(x);
    std::printf("a tipping point: tau %.2f (%.3f) and %.2f (%.3f)\n", found.variance_trend.tau, found.variance_by_chance,
                found.autocorrelation_trend.tau, found.autocorrelation_by_chance);
    return of.passed > 0 && found.variance_by_chance <= .05 ? 0 : 1;
}
