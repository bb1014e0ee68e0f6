// What does a point of the square cost, tasks remembered with limited precision and the context trusted more or less, against memorizing?
#include <cstddef>
#include <string>

#include "support.hpp"

namespace {

template <class F>
void add(const std::string& name, const F& family, std::size_t context, std::size_t sequences) {
    using seen = rationale::seen_tasks<F>;
    using table = typename F::task_table;
    using belief = rationale::tempered<rationale::remembered<seen>>;
    const rationale_benchmark::sizes n{.tasks = 4096, .context = context, .sequences = sequences};
    const std::string what = name + "-T" + std::to_string(context) + "-S" + std::to_string(sequences);
    for (const bool dense : {true, false}) {
        const std::string ending = dense ? "-dense" : "";
        const auto as_said = [dense](auto strategy) {
            if (dense) strategy.skip_tolerance(0);
            return strategy;
        };
        rationale_benchmark::add_prediction(what, "memorizing" + ending, family, n,
                                            [=](const table& t) { return as_said(rationale::memorizing<F, float>(family, t)); });
        for (const int precision : {1, 20, 100, 1000, 100000})
            for (const double exponent : {.5, 1., 1.3}) {
                const std::string variant =
                    "precision" + std::to_string(precision) + "-exponent" + std::to_string(exponent).substr(0, 3) + ending;
                rationale_benchmark::add_prediction(what, variant, family, n, [=](const table& t) {
                    return as_said(rationale::bayes<F, belief, float>(
                        family, belief(rationale::remembered<seen>(family, seen(family, t), precision), exponent)));
                });
            }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const rationale::balls_and_urns<8> urns;
    add("remembered-K8", urns, 128, 64);
    add("remembered-K8", urns, 128, 256);
    add("remembered-K8", urns, 32, 24);
    add("remembered-K8", urns, 1024, 16);
    add("remembered-K16", rationale::balls_and_urns<16>(), 320, 32);
    add("remembered-chains-K8", rationale::markov_chain<8, 1>(), 128, 64);
    add("remembered-chains-K4-order2", rationale::markov_chain<4, 2>(), 128, 64);
    return rationale_benchmark::run(argc, argv);
}
