// Work is spread by an executor, which any call may be given: threads, or your own. The numbers are the same to the last bit, however many
// threads there are. And float is twice as fast where its digits do.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "rationale/execution.hpp"
#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/task/balls_and_urns.hpp"

/// An executor of your own calls body(i) once for each i < count, in any order: here backwards, and it counts. OpenMP's or TBB's loop would
/// stand in its place.
struct backwards {
    std::atomic<std::size_t>* calls;
    template <class Body>
    void operator()(std::size_t count, Body&& body) const {
        for (std::size_t i = count; i-- > 0; ++*calls) body(i);
    }
};

int main() {
    using urns = rationale::balls_and_urns<8>;
    const urns family;
    const auto tasks = sample_tasks(family, own_prior(family), /*count=*/4096, /*seed=*/1);
    const rationale::memorizing<urns> exact(family, tasks);
    const rationale::memorizing<urns, float> fast(family, tasks);
    const auto data = sample_sequences(family, exact.prior(), 100, /*context=*/64, /*seed=*/2, 0, rationale::threads{}).sequences;

    const auto timed = [&](const char* what, const auto& strategy, const auto& executor) {
        const auto start = std::chrono::steady_clock::now();
        auto out = predict(strategy, data, executor);
        std::printf("%-12s %7.1f ms\n", what, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        return out;
    };
    std::atomic<std::size_t> calls = 0;
    const auto one = timed("one thread", exact, rationale::sequential{});
    const auto two = timed("two threads", exact, rationale::threads{2});
    const auto own = timed("backwards", exact, backwards{&calls});
    const auto single = timed("float", fast, rationale::threads{});
    double off = 0;
    for (std::size_t i = 0; i < one.values.size(); ++i) off = std::max(off, std::abs(one.values.data()[i] - single.values.data()[i]));
    std::printf("float is off by at most %.1e\n", off);
    return one.values == two.values && one.values == own.values && calls > 0 && off < 2e-5 ? 0 : 1;
}
