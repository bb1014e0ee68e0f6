// A law of your own: evidence that grows with the logarithm of the training steps. The learner takes it, and a fit finds its parameters in
// what a learner that followed it predicted, where the published law does worse.
#include <cmath>
#include <cstdio>
#include <vector>

#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/learner/learner.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/task/balls_and_urns.hpp"

/// gamma log(1 + N/start). Written for any scalar, so that the fit can differentiate it.
struct logarithmic_evidence {
    double gamma = 1;
    double start = 100;  ///< steps

    static constexpr std::array<rationale::law_parameter, 2> parameters{{{"gamma", 0, 1e6, rationale::search_scale::logarithmic, 1e-2, 1e3},
                                                                         {"start", 0, 1e6, rationale::search_scale::logarithmic, 1, 1e4}}};
    std::array<double, 2> values() const { return {gamma, start}; }
    template <class Real>
    static Real exposure(const std::array<Real, 2>& p, const rationale::training& n) {
        using std::log;
        return p[0] * log(Real(1.0) + Real(n.steps) / p[1]);
    }
    friend bool operator==(const logarithmic_evidence&, const logarithmic_evidence&) = default;
};

int main() {
    using urns = rationale::balls_and_urns<8>;
    const urns family;
    std::vector<rationale::account> accounts;
    std::vector<rationale::mixture_loss> losses;
    std::vector<rationale::fit_cell> cells;
    const std::vector<double> checkpoints{10, 30, 100, 300, 1000, 3000, 10000, 30000};
    for (std::size_t tasks : {8u, 32u, 128u}) {
        const rationale::strategies both(rationale::memorizing<urns>(family, sample_tasks(family, own_prior(family), tasks, /*seed=*/1)),
                                         rationale::generalizing<urns>(family));
        const auto& seen = both.get<0>().prior();
        const auto loss = estimate_losses(both, seen, /*context=*/32, {.seed = 2, .most_sequences = 2048}).mean;
        const double bits = 512 * static_cast<double>(tasks);
        const rationale::learner learner(both, {loss, {bits, 512}}, logarithmic_evidence{.gamma = 60, .start = 200},
                                         rationale::power_simplicity{.beta = .2});
        // What the learner says at each checkpoint is what a model would have been recorded with.
        const auto data = sample_sequences(family, seen, /*count=*/32, 32, /*seed=*/3).sequences;
        const auto ideal = predict_all(both, data);
        const rationale::mixture_compressor compress(ideal);
        for (double steps : checkpoints) {
            losses.push_back(compress(learner.predict(data, {.steps = steps})));
            cells.push_back({.account = accounts.size(), .at = {.steps = steps, .tasks = static_cast<double>(tasks)}});
        }
        accounts.push_back(learner.known());
    }
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i].loss = &losses[i];

    using own = rationale::rational_law<logarithmic_evidence, rationale::power_simplicity>;
    const auto ours = fit_law(rationale::law_of<own>("logarithmic"), accounts, cells);
    const auto published = fit_law(rationale::law_of<rationale::published_law>("published"), accounts, cells);
    for (const auto* fit : {&ours, &published}) {
        std::printf("%-12s mean KL %.1e nats:", fit->law.name().c_str(), fit->objective);
        for (std::size_t i = 0; i < fit->values.size(); ++i)
            std::printf(" %s %.4g", std::string(fit->declared()[i].name).c_str(), fit->values[i]);
        std::printf("\n");
    }
    const bool back = std::abs(ours.values[0] - 60) < 1 && std::abs(ours.values[1] - 200) < 10 && std::abs(ours.values[2] - .2) < .01;
    return back && ours.objective < 1e-6 && published.objective > 1e-5 ? 0 : 1;
}
