// Where does a model stand between two strategies? Its predictions, an array from anywhere, are compared with theirs: distance, place
// between them (0 generalizing, 1 memorizing), and the mixture that comes nearest.
#include <array>
#include <cmath>
#include <cstdio>

#include "rationale/compare/divergence.hpp"
#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/compare/relative_distance.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/strategies.hpp"
#include "rationale/task/balls_and_urns.hpp"

int main() {
    using urns = rationale::balls_and_urns<8>;
    const urns family;
    const rationale::memorizing<urns> M(family, sample_tasks(family, own_prior(family), 16, /*seed=*/1));
    const rationale::strategies both(M, rationale::generalizing<urns>(family));
    const auto data = sample_sequences(family, M.prior(), /*count=*/64, /*context=*/32, /*seed=*/2).sequences;
    const auto ideal = predict_all(both, data);

    // The model, probabilities of shape (sequence, position, category). This one is made up: 70 % memorizing, and unlike both at the start.
    rationale::predictions model = rationale::mixture(ideal, std::array{.7, .3});
    for (std::size_t s = 0; s < 64; ++s)
        for (std::size_t k = 0; k < 8; ++k) model.values(s, 0, k) = k == 0 ? .3 : .1;

    // Symmetric KL in nats, one number a sequence, so that the error over sequences is known.
    const auto to_m = default_divergences(model, ideal[0]), to_g = default_divergences(model, ideal[1]),
               apart = default_divergences(ideal[0], ideal[1]);
    const auto place = rationale::relative_distance(to_m, to_g, apart);
    std::printf("KL to memorizing %.4f, to generalizing %.4f nats; place %.3f +- %.3f, %s\n", rationale::summarize(to_m).mean,
                rationale::summarize(to_g).mean, place.value, place.standard_error, std::string(place.words()).c_str());

    // The nearest mixture, by maximum likelihood; its loss is what no mixture explains.
    const auto nearest = mixing_weights(rationale::mixture_compressor(ideal)(model));
    std::printf("nearest mixture %.3f M + %.3f G, KL to it %.5f nats\n", nearest.weights[0], nearest.weights[1], nearest.loss);
    return place.defined() && place.value > .5 && std::abs(nearest.weights[0] - .7) < .03 && nearest.loss > 1e-3 ? 0 : 1;
}
