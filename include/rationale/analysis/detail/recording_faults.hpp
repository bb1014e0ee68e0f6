#ifndef RATIONALE_ANALYSIS_DETAIL_RECORDING_FAULTS_HPP
#define RATIONALE_ANALYSIS_DETAIL_RECORDING_FAULTS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/observed_loss.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/number_text.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

/// A mean over sequences, in nats or squared errors of a sequence, with its standard error.
struct mean_over_sequences {
    double mean = std::numeric_limits<double>::quiet_NaN(), error = std::numeric_limits<double>::quiet_NaN();

    /// Whether it is positive beyond chance.
    [[nodiscard]] bool surely_positive() const noexcept { return std::isfinite(mean) && mean > 4 * error; }
    [[nodiscard]] bool surely_negative() const noexcept { return std::isfinite(mean) && mean < -4 * error; }
};

/// Of x - y.
[[nodiscard]] inline mean_over_sequences mean_difference(const std::vector<double>& x, const std::vector<double>& y) {
    const auto n = static_cast<double>(x.size());
    if (x.size() < 8) return {};  // too few to know the error
    double sum = 0, squares = 0;
    for (std::size_t s = 0; s < x.size(); ++s) sum += x[s] - y[s];
    for (std::size_t s = 0; s < x.size(); ++s) squares += std::pow(x[s] - y[s] - sum / n, 2);
    return {sum / n, std::sqrt(squares / (n * (n - 1)))};
}

/// What a split shows of how it was recorded. Sequences drawn from the seen tasks are the more probable under them, others the less, and on
/// the former no predictor is better than memorizing, on average.
struct recording_signs {
    mean_over_sequences seen_tasks{};         ///< by which log evidence under the seen tasks exceeds that under the own prior
    mean_over_sequences beyond_memorizing{};  ///< by which the observed loss at the last checkpoint is below memorizing's
    double first_spread = 0;                  ///< by how much the predictions there of the first event differ, where no strategy's do
    /// How far those of event t are from what the nearest strategy predicts of event t-1, t and t+1: mean squared differences.
    std::array<double, 3> nearest_at{};

    /// The lag, -1 or 1, at which the model is nearer to a strategy by half or more than where it belongs; 0 where it is at neither.
    [[nodiscard]] int shift() const noexcept {
        for (const std::size_t i : {std::size_t{0}, std::size_t{2}})
            if (nearest_at[i] < 0.5 * nearest_at[1]) return static_cast<int>(i) - 1;
        return 0;
    }
};

/// Greatest difference between sequences of a first event's predictions.
[[nodiscard]] inline double first_spread(const predictions& p) {
    double widest = 0;
    for (std::size_t k = 0; k < p.outcomes(); ++k) {
        double least = p.values(0, 0, k), most = least;
        for (std::size_t s = 1; s < p.sequences(); ++s)
            least = (std::min)(least, p.values(s, 0, k)), most = (std::max)(most, p.values(s, 0, k));
        widest = (std::max)(widest, most - least);
    }
    return widest;
}

/// Mean squared difference between predictions of event t and others' of event t + lag, over inner events.
[[nodiscard]] inline double lagged_difference(const predictions& p, const predictions& of, int lag) {
    double sum = 0;
    for (std::size_t s = 0; s < p.sequences(); ++s)
        for (std::size_t t = 1; t + 1 < p.events(); ++t)
            for (std::size_t k = 0; k < p.outcomes(); ++k)
                sum += std::pow(p.values(s, t, k) - of.values(s, t + static_cast<std::size_t>(lag), k), 2);
    return sum / static_cast<double>(p.sequences() * (p.events() - 2));
}

/// By which the evidence of a split's sequences under the seen tasks exceeds that under the family's own prior, given what memorizing and
/// generalizing predict; NaN where one of them has no evidence, as copying from the context.
[[nodiscard]] inline mean_over_sequences evidence_of_seen_tasks(const predictions& memorizing, const predictions& generalizing) {
    const auto seen = evidence_of(memorizing), fresh = evidence_of(generalizing);
    return seen.empty() || fresh.empty() ? mean_over_sequences{} : mean_difference(seen, fresh);
}

/// Completes the signs of a split from the model's last predictions and those of the strategies, memorizing first, for the same sequences.
inline void look_at_last(recording_signs& signs, const run_source& source, split split, const sequence_numbers& which,
                         const std::vector<predictions>& parts, const predictions& model) {
    if (model.events() == 1) return;  // memorizing reads no context there, so that others may be better
    const auto loss = [&](const predictions& p) { return sum_by_sequence(source.observed_losses(split, which, p)); };
    if (split == split::id) signs.beyond_memorizing = mean_difference(loss(parts[0]), loss(model));
    constexpr double rounding = 1e-9;
    if (std::all_of(parts.begin(), parts.end(), [](const predictions& p) { return first_spread(p) < rounding; }))
        signs.first_spread = first_spread(model);
    if (model.events() < 4) return;
    signs.nearest_at.fill(std::numeric_limits<double>::infinity());
    for (const auto& p : parts)
        for (std::size_t k = 0; k < 3; ++k) {
            auto& nearest = signs.nearest_at[k];
            nearest = (std::min)(nearest, lagged_difference(model, p, static_cast<int>(k) - 1));
        }
}

/// "D = 4, seed 1", and how many more.
[[nodiscard]] inline std::string runs_in_words(const std::vector<const run_facts*>& runs) {
    std::string out = "D = " + std::to_string(runs[0]->tasks) + ", seed " + std::to_string(runs[0]->seed);
    if (runs.size() > 1) out += ", and " + std::to_string(runs.size() - 1) + (runs.size() > 2 ? " other runs" : " other run");
    return out;
}

/// A value of one of the family's numbers under which the ID sequences are far more probable.
struct better_number {
    std::size_t number = 0;
    double value = 0, nats = 0;  ///< the value, and by how much all sequences together are more probable
};

/// The better value of the number that gains most, where it is half as large again or more, or as much smaller, and where the gain is no
/// chance. The run must have few tasks, so that sequences tell their tasks.
[[nodiscard]] inline std::optional<better_number> better_number_of(const recording_source& from, const run_source& source,
                                                                   const sequence_numbers& which) {
    constexpr double nats_of_chance = 12;
    std::optional<better_number> best;
    for (std::size_t i = 0; i < from.family_numbers.size(); ++i) {
        const double recorded = from.family_numbers[i].second;
        if (!(recorded > 0)) continue;  // of a zero no multiple is another
        const auto before = source.evidence_with(i, recorded, which);
        const auto gain = [&](double value) {
            const auto after = source.evidence_with(i, value, which);
            double sum = after.empty() ? -std::numeric_limits<double>::infinity() : 0;
            for (std::size_t s = 0; s < after.size(); ++s)
                if (std::isfinite(before[s])) sum += after[s] - before[s];
            return sum;
        };
        double log_ratio = 0, nats = 0;
        for (double step = std::log(2.0), reach = 8; step > 0.02; step *= 0.5, reach = 1) {
            const double around = log_ratio;
            for (double k = -reach; k <= reach; ++k)
                if (const double y = k == 0 ? nats : gain(recorded * std::exp(around + k * step)); y > nats)
                    nats = y, log_ratio = around + k * step;
        }
        if (nats > nats_of_chance && std::abs(log_ratio) > std::log(1.5) && (!best || nats > best->nats))
            best = better_number{i, recorded * std::exp(log_ratio), nats};
    }
    return best;
}

/// What that means, in a sentence.
[[nodiscard]] inline std::string number_in_words(const recording_source& from, const better_number& better, const run_facts& run) {
    const auto& [name, recorded] = from.family_numbers[better.number];
    const auto is_near = [&](double x) { return std::abs(std::log(better.value / x)) < 0.25; };
    std::string out = "parameters." + name + " is " + significant(recorded, 3) + ", but the ID sequences, given the recorded tasks, say " +
                      significant(better.value, 3) + " (" + runs_in_words({&run}) + "), " + significant(better.nats, 3) +
                      " nats more probable";
    if (name.find("variance") != std::string_view::npos && is_near(recorded * recorded))
        out += ": its square, so a standard deviation seems to be written where a variance is expected";
    return out + ".";
}

/// What the recording contradicts itself in, in sentences that say what to change; `signs_of(run, split)` and `which(run)`, the ID
/// sequences that no strategy excludes, are those of `look_at_last`.
template <class Signs, class Which>
[[nodiscard]] std::vector<std::string> recording_faults(const recording_source& from, const Signs& signs_of, const Which& which) {
    std::vector<std::string> out;
    const auto say = [&](split split, const auto& is_wrong, const auto& number, const std::string& before, const std::string& after) {
        std::vector<const run_facts*> wrong;
        double most = 0;
        for (std::size_t i = 0; i < from.runs.size(); ++i)
            if (const recording_signs& signs = signs_of(i, split); is_wrong(signs))
                wrong.push_back(&from.runs[i]->facts), most = (std::max)(most, std::abs(number(signs)));
        if (!wrong.empty()) out.push_back(before + significant(most, 3) + after + " (" + runs_in_words(wrong) + ").");
    };
    const auto of_tasks = [](const recording_signs& s) { return s.seen_tasks.mean; };
    say(
        split::id, [](const recording_signs& s) { return s.seen_tasks.surely_negative(); }, of_tasks,
        "ID sequences are less probable under the recorded tasks than under fresh ones, by up to ",
        " nats a sequence: are these the tasks that they were drawn from, in the same units?");
    say(
        split::ood, [](const recording_signs& s) { return s.seen_tasks.surely_positive(); }, of_tasks,
        "OOD sequences are more probable under the seen tasks than under fresh ones, by up to ",
        " nats a sequence: were they drawn from seen tasks, or are the splits exchanged?");
    for (const int lag : {1, -1})
        say(
            split::id, [lag](const recording_signs& s) { return s.shift() == lag; },
            [](const recording_signs& s) { return s.nearest_at[1]; },
            std::string("The model's predictions of a position are nearest to what strategies predict one position ") +
                (lag > 0 ? "later" : "earlier") + ", and where they stand off by a mean square of up to ",
            lag > 0
                ? ": they seem to be shifted. Position t is predicted from what stands before it; the prediction of position 0 is missing "
                  "and the last one is one too many"
                : ": they seem to be shifted. Position t is predicted from all that stands before it; drop the first prediction");
    const char* const unit = from.kind == prediction_kind::mean ? " squared error a sequence" : " nats a sequence";
    say(
        split::id,
        [](const recording_signs& s) { return s.shift() == 0 && !s.seen_tasks.surely_negative() && s.beyond_memorizing.surely_positive(); },
        [](const recording_signs& s) { return s.beyond_memorizing.mean; },
        "At the last checkpoint the model predicts ID sequences better than memorizing, which knows their tasks, by up to ",
        std::string(unit) + ": have its predictions seen what they predict? Position t is predicted from what stands before it");
    constexpr double beyond_rounding = 0.02;
    say(
        split::id, [](const recording_signs& s) { return s.shift() == 0 && s.first_spread > beyond_rounding; },
        [](const recording_signs& s) { return s.first_spread; },
        "The model's predictions of the first position differ between sequences, by up to ",
        ", although nothing stands before it: what have they seen?");
    const bool tasks_fit = std::none_of(from.runs.begin(), from.runs.end(), [&](const auto& run) {
        return signs_of(static_cast<std::size_t>(&run - from.runs.data()), split::id).seen_tasks.surely_negative();
    });
    if (tasks_fit && !from.runs.empty())
        if (const auto better = better_number_of(from, *from.runs[0], which(0)))
            out.push_back(number_in_words(from, *better, from.runs[0]->facts));
    return out;
}

}  // namespace rationale::detail

#endif
