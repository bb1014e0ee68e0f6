// Arrays that you have already: an xtensor is taken over, sequences are predicted and a model's predictions compared where they lie,
// results are xtensor arrays, and the posterior says which tasks are in play at every position.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <utility>
#include <vector>

#include "rationale/rationale.hpp"

int main() {
    using urns = rationale::balls_and_urns<>;
    const urns family({.categories = 4});

    // 300 urns that somebody made as an xtensor: moved in, they are not copied.
    xt::xtensor<double, 2> mine = sample_tasks(family, own_prior(family), 300, /*seed=*/1).tasks;
    const double* const place = mine.data();
    urns::task_table table{std::move(mine)};
    bool fine = table.tasks.data() == place;
    const rationale::memorizing<urns> memorizing(family, std::move(table));

    // 32 contexts of 64 tokens in a log of 100 numbers a row, the first 36 of them something else: read where they are.
    constexpr std::size_t rows = 32, width = 100, skipped = 36;
    std::vector<std::int32_t> log(rows * width, -1);
    const auto tokens = sample_sequences(family, memorizing.prior(), rows, width - skipped, /*seed=*/2).sequences.tokens;
    for (std::size_t s = 0; s < rows; ++s)
        for (std::size_t t = skipped; t < width; ++t) log[s * width + t] = tokens(s, t - skipped);
    const auto predicted = predict(memorizing, rows, [&](std::size_t s) {
        return urns::sequence_view(std::span<const std::int32_t>(log).subspan(s * width + skipped, width - skipped));
    });

    // Results are xtensor arrays: the mean entropy of predictions at each position, in nats.
    const auto nats = [&](std::size_t t) {
        double sum = 0;
        for (std::size_t s = 0; s < rows; ++s)
            for (std::size_t k = 0; k < 4; ++k) sum -= predicted.values(s, t, k) * std::log(predicted.values(s, t, k)) / rows;
        return sum;
    };
    std::printf("mean entropy of the prediction: first token %.3f, last %.3f nats\n", nats(0), nats(width - skipped - 1));
    fine = fine && nats(width - skipped - 1) < nats(0);

    // A model's predictions in another library's memory, in float as most have them, and how far from the strategy's they are.
    const std::vector<float> tensor(predicted.values.begin(), predicted.values.end());
    const auto apart = default_divergences({urns::kind, tensor.data(), {rows, width - skipped, 4}}, predicted);
    std::printf("rounded to float: %.0e nats apart at most\n", *std::max_element(apart.begin(), apart.end()));

    // Which of the 300 urns is this? The three heaviest at some positions of one context.
    const urns::sequences one{rationale::ndarray<std::int32_t, 2>(tokens)};
    const auto heaviest = rationale::heaviest(memorizing, one, /*sequence=*/0, /*k=*/3);
    for (std::size_t t : {std::size_t{0}, std::size_t{8}, std::size_t{64}}) {
        std::printf("after %2zu tokens:", t);
        for (std::size_t i = 0; i < 3; ++i)
            std::printf("  urn %3lld %.3f", static_cast<long long>(heaviest.component(t, i)), heaviest.weight(t, i));
        std::printf("\n");
    }
    return fine && heaviest.weight(64, 0) > heaviest.weight(0, 0) ? 0 : 1;
}
