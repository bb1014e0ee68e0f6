// A recording without a law: what the model loses against the best strategy in hindsight, whether that grows with the context
// more slowly than the context, and where the gap between seen and fresh urns turns, along training and over numbers of tasks.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "rationale/recording/manifest.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/strategies.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/universality/prediction_regret.hpp"
#include "rationale/universality/turning_points.hpp"

using urns = rationale::balls_and_urns<>;
using array = rationale::ndarray<double, 2>;

int main(int argc, char** argv) {
    const auto recording = rationale::read_manifest(argc > 1 ? argv[1] : "examples/data/balls_and_urns");
    const urns family = rationale::family_of<urns>(recording);
    std::vector<double> log_tasks;
    std::vector<std::vector<double>> last[2];  // losses of the last checkpoint, run by run and sequence by sequence
    bool fine = true;
    std::printf("     D   regret, first and last checkpoint   exponent in t, last   gap OOD - ID, largest at step\n");
    for (const auto& entry : recording.runs) {
        const rationale::run_reader<urns> run(recording, entry, family);
        const rationale::strategies all(rationale::memorizing<urns>(family, run.table()), rationale::generalizing<urns>(family),
                                        rationale::constant<urns>(family));
        const auto& data = run.sequences(rationale::split::id);
        std::vector<array> losses;
        for (const auto& q : predict_all(all, data)) losses.push_back(rationale::observed_nats(family, data, q));
        const std::size_t checkpoints = run.steps().size();
        array of_split[2];
        std::vector<double> axis;
        for (const auto step : run.steps()) axis.push_back(std::sqrt(static_cast<double>(step)));
        rationale::resampled_estimate first_regret, last_regret;
        rationale::regret_trend_result trend;
        for (const auto split : {rationale::split::id, rationale::split::ood}) {
            const auto& sequences = run.sequences(split);
            array& to = of_split[split == rationale::split::ood];
            // Beside what generalizing loses on the same tokens, which takes out how surprising these are.
            const auto plain = rationale::observed_nats(family, sequences, predict(all.get<1>(), sequences));
            run.for_each_checkpoint(split, [&](std::size_t checkpoint, const rationale::predictions& model) {
                const auto nats = rationale::observed_nats(family, sequences, model);
                if (to.size() == 0) to = rationale::filled<double, 2>({checkpoints, nats.shape(0)}, 0.0);
                for (std::size_t s = 0; s < nats.shape(0); ++s)
                    for (std::size_t t = 0; t < nats.shape(1); ++t)
                        to(checkpoint, s) += (nats(s, t) - plain(s, t)) / static_cast<double>(nats.shape(1));
                if (split == rationale::split::ood || (checkpoint > 0 && checkpoint + 1 < checkpoints)) return;
                const auto regret = rationale::prediction_regret(nats, losses);
                (checkpoint == 0 ? first_regret : last_regret) = mean_regret(regret).back();
                trend = regret_trend(regret);
            });
        }
        const auto gap = rationale::generalization_gap(axis, of_split[0], of_split[1]);
        std::printf("%6zu   %6.2f +- %4.2f   %6.2f +- %4.2f %12.2f, %5.2f to %.2f %4.2f nats %10.0f, %zu turns\n", run.tasks(),
                    first_regret.value, first_regret.standard_error, last_regret.value, last_regret.standard_error, trend.exponent.value,
                    trend.exponent.within.lower, trend.exponent.within.upper, gap.height.value, gap.peak.value * gap.peak.value,
                    gap.turns.size());
        fine = fine && last_regret.value < first_regret.value;
        log_tasks.push_back(std::log2(static_cast<double>(run.tasks())));
        for (std::size_t i : {0u, 1u}) {
            const auto end = rationale::row(of_split[i], checkpoints - 1);
            last[i].emplace_back(end.begin(), end.end());
        }
    }
    // Over numbers of tasks: with how many is memory relied on most?
    array of[2];
    for (std::size_t i : {0u, 1u}) {
        of[i] = rationale::filled<double, 2>({last[i].size(), last[i][0].size()}, 0.0);
        for (std::size_t d = 0; d < last[i].size(); ++d) std::copy(last[i][d].begin(), last[i][d].end(), rationale::row(of[i], d).begin());
    }
    const auto over_tasks = rationale::generalization_gap(log_tasks, of[0], of[1]);
    std::printf("the gap of the last checkpoint is largest, %.2f nats, at D = %.0f (%.0f to %.0f)\n", over_tasks.height.value,
                std::exp2(over_tasks.peak.value), std::exp2(over_tasks.peak.within.lower), std::exp2(over_tasks.peak.within.upper));
    return fine ? 0 : 1;
}
