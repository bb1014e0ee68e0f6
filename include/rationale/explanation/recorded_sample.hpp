#ifndef RATIONALE_EXPLANATION_RECORDED_SAMPLE_HPP
#define RATIONALE_EXPLANATION_RECORDED_SAMPLE_HPP

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "rationale/fit/bootstrap.hpp"
#include "rationale/fit/observations.hpp"

namespace rationale {

/// The recording as it is, or one bootstrap sample of it, for all explanations: what is drawn depends on the observations' runs and cells
/// and on the sample's number alone, so that explanations of the same cells are compared on the same sample. Each is made when it is first
/// asked for. Several threads may ask.
class recorded_sample {
public:
    /// Every cell, sequence and loss once.
    recorded_sample() = default;
    /// Bootstrap sample number `replicate`.
    recorded_sample(const bootstrap_options& options, std::uint64_t replicate) : drawn_(std::in_place, options, replicate) {}
    recorded_sample(const recorded_sample&) = delete;
    recorded_sample& operator=(const recorded_sample&) = delete;

    /// How often each cell is in the sample, weights of the parts of its sequences, and the runs' losses.
    [[nodiscard]] const bootstrap_draw& draw(const observations& o) const {
        const std::lock_guard<std::mutex> lock(making_);
        return made(o).draw;
    }
    /// The losses of the sample's cells as functions of the weights. Of a bootstrap sample only the fitted and held-out cells have them.
    [[nodiscard]] const observed_sample& of(const observations& o) const {
        const std::lock_guard<std::mutex> lock(making_);
        auto& of_o = made(o);
        if (!of_o.losses)
            of_o.losses = resample(o, of_o.draw, [this](const observed_cell& c) { return !drawn_ || is_fitted(c) || is_held_out(c); });
        return *of_o.losses;
    }

private:
    struct sample_of {
        bootstrap_draw draw;
        std::optional<observed_sample> losses{};
    };
    sample_of& made(const observations& o) const {
        auto& place = made_[&o];
        if (!place)
            place = std::make_unique<sample_of>(sample_of{drawn_ ? draw_bootstrap(o, drawn_->first, drawn_->second) : everything_of(o)});
        return *place;
    }

    std::optional<std::pair<bootstrap_options, std::uint64_t>> drawn_{};
    mutable std::map<const observations*, std::unique_ptr<sample_of>> made_{};
    mutable std::mutex making_{};
};

}  // namespace rationale

#endif
