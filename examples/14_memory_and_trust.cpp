// One belief, two precisions: how precisely the seen tasks are remembered, kappa, and how much each observation of the context is trusted,
// e. The constant, generalizing and memorizing are corners of this square, and what a model does in training is a path through it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "rationale/rationale.hpp"

int main() {
    using urns = rationale::balls_and_urns<8>;
    const urns family;
    const rationale::seen_tasks<urns> seen(family, sample_tasks(family, own_prior(family), 64, /*seed=*/1));
    const auto contexts = sample_sequences(family, seen, /*count=*/200, /*context=*/32, /*seed=*/2).sequences;
    const auto at = [&](double kappa, double e) {
        return predict(rationale::bayes(family, rationale::tempered(rationale::remembered(family, seen, kappa), e)), contexts);
    };
    const auto apart = [](const rationale::predictions& a, const rationale::predictions& b) {
        double most = 0;
        for (std::size_t i = 0; i < a.values.size(); ++i) most = std::max(most, std::abs(a.values.data()[i] - b.values.data()[i]));
        return most;
    };
    const double infinity = std::numeric_limits<double>::infinity();
    const auto memorizing = predict(rationale::memorizing<urns>(family, seen), contexts);
    const auto generalizing = predict(rationale::generalizing<urns>(family), contexts);
    const auto constant = predict(rationale::constant<urns>(family), contexts);
    bool fine = apart(at(0, 0), constant) < 1e-9 && apart(at(0, 1), generalizing) < 1e-9 && apart(at(infinity, 1), memorizing) < 1e-9;

    std::printf("mean KL(M || point), 1e-3 nats\n     e");
    for (double kappa : {0., 8., 64., infinity}) std::printf("  kappa %5g", kappa);
    double before = infinity;
    for (double e : {0., .1, .5, 1., 2.}) {
        std::printf("\n%6.1f", e);
        for (double kappa : {0., 8., 64., infinity}) {
            const auto divergences = divergences_from(memorizing, at(kappa, e));
            double mean = 0;
            for (double d : divergences) mean += d / static_cast<double>(divergences.size());
            std::printf("  %11.2f", 1e3 * mean);
            if (e == 1) fine = fine && mean < before, before = mean;  // the more is remembered, the nearer to M
        }
    }
    std::printf("\n");
    return fine ? 0 : 1;
}
