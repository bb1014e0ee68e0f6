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

    // 32 contexts of 64 tokens in int64, as most libraries have them: read where they are, and so are those behind a pointer.
    constexpr std::size_t rows = 32, context = 64;
    const xt::xtensor<std::int64_t, 2> tokens = sample_sequences(family, memorizing.prior(), rows, context, /*seed=*/2).sequences.tokens;
    const auto predicted = predict(memorizing, rationale::arrays(tokens));
    const std::vector<std::uint8_t> bytes(tokens.begin(), tokens.end());
    fine = fine && predict(memorizing, rationale::arrays(rationale::array_view(bytes.data(), {rows, context}))).values == predicted.values;

    // The same in a log of 100 numbers a row, the first 36 of them something else: each sequence by a view of your own.
    constexpr std::size_t width = 100;
    std::vector<std::int32_t> log(rows * width, -1);
    for (std::size_t s = 0; s < rows; ++s)
        for (std::size_t t = 0; t < context; ++t) log[(s + 1) * width - context + t] = static_cast<std::int32_t>(tokens(s, t));
    const auto of_log = [&](std::size_t s) { return rationale::token_view(log.data() + (s + 1) * width - context, context); };
    fine = fine && predict(memorizing, rows, of_log).values == predicted.values;

    // Pairs in float, which are widened some sequences at a time.
    const rationale::linear_regression<> line({.dimensions = 2});
    const auto pairs = sample_sequences(line, own_prior(line), rows, context, /*seed=*/3).sequences;
    const xt::xtensor<float, 3> x = pairs.x;
    const xt::xtensor<float, 2> y = pairs.y;
    const rationale::generalizing<rationale::linear_regression<>> ridge(line);
    const double rounded = predict(ridge, rationale::arrays(x, y)).values(3, 9, 0) - predict(ridge, pairs).values(3, 9, 0);
    fine = fine && std::abs(rounded) < 1e-4;

    // Results are xtensor arrays: the mean entropy of predictions at each position, in nats.
    const auto nats = [&](std::size_t t) {
        double sum = 0;
        for (std::size_t s = 0; s < rows; ++s)
            for (std::size_t k = 0; k < 4; ++k) sum -= predicted.values(s, t, k) * std::log(predicted.values(s, t, k)) / rows;
        return sum;
    };
    std::printf("mean entropy of the prediction: first token %.3f, last %.3f nats\n", nats(0), nats(context - 1));
    fine = fine && nats(context - 1) < nats(0);

    // A model's predictions in another library's memory, in float as most have them, and how far from the strategy's they are.
    const std::vector<float> tensor(predicted.values.begin(), predicted.values.end());
    const auto apart = default_divergences({urns::kind, tensor.data(), {rows, context, 4}}, predicted);
    std::printf("rounded to float: %.0e nats apart at most\n", *std::max_element(apart.begin(), apart.end()));

    // Which of the 300 urns is this? The three heaviest at some positions of one context.
    const urns::sequences one{tokens};
    const auto heaviest = rationale::heaviest(memorizing, one, /*sequence=*/0, /*k=*/3);
    for (std::size_t t : {std::size_t{0}, std::size_t{8}, std::size_t{64}}) {
        std::printf("after %2zu tokens:", t);
        for (std::size_t i = 0; i < 3; ++i)
            std::printf("  urn %3lld %.3f", static_cast<long long>(heaviest.component(t, i)), heaviest.weight(t, i));
        std::printf("\n");
    }
    return fine && heaviest.weight(64, 0) > heaviest.weight(0, 0) ? 0 : 1;
}
