#ifndef RATIONALE_KERNEL_GAIN_ON_RIVAL_HPP
#define RATIONALE_KERNEL_GAIN_ON_RIVAL_HPP

#include <cstddef>
#include <limits>
#include <type_traits>
#include <vector>

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// sum over outcomes of times max(0, log w - log rival): the most that a component can gain on another one, the rival, while outcomes come
/// so many times in any order. Both are given by their log probabilities; against a rival that an outcome rules out the gain is infinite.
class gain_on_rival {
public:
    /// Room for so many outcomes.
    explicit gain_on_rival(std::size_t outcomes) { outcomes_.reserve(outcomes); }

    /// An outcome whose log probability is at `place`.
    void add(std::size_t place, double times, double log_rival) {
        outcomes_.push_back({place, times, log_rival});
        minus_rival_ = log_rival > log_of_zero ? minus_rival_ - times * log_rival : std::numeric_limits<double>::infinity();
    }

    template <class Rows>
    [[nodiscard]] auto operator()(const Rows& logs) const {
        using V = std::remove_cvref_t<decltype(logs[0])>;
        V nats(minus_rival_);
        for (const auto& o : outcomes_)
            nats = lane_access<V>::multiply_add(V(o.times), lane_access<V>::larger(logs[o.place], V(o.log_rival)), nats);
        return nats;
    }

private:
    struct outcome {
        std::size_t place;
        double times, log_rival;
    };
    std::vector<outcome> outcomes_;
    double minus_rival_ = 0;  // the rival's own nats, with the opposite sign
};

}  // namespace rationale::kernel

#endif
