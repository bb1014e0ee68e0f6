// Regression in context: the memorizing strategy averages seen weight vectors (dMMSE), the generalizing one is ridge regression. On fresh
// tasks ridge nears the noise as the context grows, and dMMSE does not; on seen tasks dMMSE is ahead.
#include <cmath>
#include <cstdio>

#include "rationale/compare/divergence.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/task/linear_regression.hpp"

int main() {
    using line = rationale::linear_regression<4>;
    const line family({.noise_variance = 0.25});
    const auto weights = sample_tasks(family, own_prior(family), /*count=*/16, /*seed=*/1);
    const rationale::memorizing<line> dmmse(family, weights);
    const rationale::generalizing<line> ridge(family);

    const auto squared_error = [&](const auto& strategy, const line::sequences& data, std::size_t t) {
        const auto mean = predict(strategy, data);  // (sequence, event, 1): of y_t, from x_t and the pairs before it
        double sum = 0;
        for (std::size_t s = 0; s < mean.sequences(); ++s) sum += std::pow(mean.values(s, t, 0) - data.y(s, t), 2);
        return sum / static_cast<double>(mean.sequences());
    };
    const auto id = sample_sequences(family, dmmse.prior(), 2000, /*context=*/32, /*seed=*/2).sequences;
    const auto ood = sample_sequences(family, own_prior(family), 2000, 32, 3).sequences;
    std::printf("squared error, noise %.2f         t = 0       3      31\n", family.noise_variance());
    const auto print = [&](const char* name, const auto& strategy, const line::sequences& data) {
        std::printf("%-28s", name);
        for (std::size_t t : {0u, 3u, 31u}) std::printf("%8.3f", squared_error(strategy, data, t));
        std::printf("\n");
    };
    print("dMMSE on seen tasks", dmmse, id);
    print("ridge on seen tasks", ridge, id);
    print("dMMSE on fresh tasks", dmmse, ood);
    print("ridge on fresh tasks", ridge, ood);
    const bool fine = squared_error(dmmse, id, 3) < squared_error(ridge, id, 3) && squared_error(ridge, ood, 31) < 0.25 * 1.3 &&
                      squared_error(dmmse, ood, 31) > 3 * squared_error(ridge, ood, 31);
    return fine ? 0 : 1;
}
