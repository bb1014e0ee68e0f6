#ifndef RATIONALE_RECORDING_CHECK_PREDICTIONS_HPP
#define RATIONALE_RECORDING_CHECK_PREDICTIONS_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rationale/number_text.hpp"
#include "rationale/recording/npz.hpp"
#include "rationale/recording/recording_error.hpp"
#include "rationale/softmax.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::detail {

/// Enough digits to see why a sum is refused.
[[nodiscard]] inline std::string digits(double value) { return significant(value, 9); }

/// How an array of predictions is to be read.
struct predictions_array {
    std::string file, name;      ///< for messages
    bool logs = false;           ///< log-probabilities or logits
    bool events = true;          ///< it has an axis of events
    number_rounding rounding{};  ///< of its type
};

/// Checks the outcomes of one event, and makes probabilities of logits. place() is its index in the array, as text.
///
/// The sum of K probabilities may be off 1 by 1e-4, and beyond that by what rounding to half precision leaves: each is off by at most
/// u p_k + a (number_rounding), so the sum by u + K a; that is 4.9e-4 + 3e-8 K for float16 and 3.9e-3 for bfloat16. There is no need to
/// renormalise these either. A sum of 1 + e changes symmetric KL by e times itself and e^2/2, and KL, whose terms are p log(p/q) - p + q,
/// likewise: the part of first order, e, is not in either.
template <class Place>
void check_event(const predictions_array& in, prediction_kind kind, std::span<double> p, const Place& place) {
    const auto fail = [&](const std::string& what) { throw recording_error(in.file + ": " + in.name + " " + what); };
    if (in.logs) {
        for (double v : p)
            if (std::isnan(v) || v == std::numeric_limits<double>::infinity())
                fail("holds " + digits(v) + " at " + place() + ", expected numbers or -inf");
        if (!std::isfinite(softmax_in_place(p)))
            fail("is -inf for every outcome at " + place() + ", expected at least one that is possible");
        return;
    }
    const double most = 1e-4 + in.rounding.relative + in.rounding.absolute * static_cast<double>(p.size());
    double sum = 0, least = 0, apart = 0;
    for (double v : p) sum += v, least = v < least ? v : least, apart += v - v;  // the last is 0, and NaN where one is not finite
    const bool distribution = kind == prediction_kind::distribution;
    if (apart == 0 && (!distribution || (least >= 0 && std::abs(sum - 1) <= most))) return;
    const auto logits = [&] { return in.name.starts_with("predictions") ? "; logits belong in log_" + in.name : std::string(); };
    for (double v : p) {
        if (!std::isfinite(v)) fail("holds " + digits(v) + " at " + place() + ", expected finite numbers");
        if (distribution && v < 0) fail("holds " + digits(v) + " at " + place() + ", expected probabilities of at least 0" + logits());
    }
    fail("sums to " + digits(sum) + " over the outcomes at " + place() + ", expected 1 (to " +
         (in.rounding.relative > 0 ? significant(most, 2) + " of " + in.rounding.type : "1e-4") + ")" + logits());
}

/// The same of every event; `n` is the checkpoint, of an array that has an axis of these. Throws recording_error.
inline void check_predictions(const predictions_array& in, predictions& p, std::optional<std::size_t> n = {}) {
    const std::size_t outcomes = p.outcomes(), events = p.events();
    for (std::size_t i = 0; i < p.values.size(); i += outcomes) {
        const auto place = [&] {
            std::vector<std::size_t> at{i / outcomes / events};
            if (n) at.insert(at.begin(), *n);
            if (in.events) at.push_back(i / outcomes % events);
            return index_text(at);
        };
        check_event(in, p.kind, {p.values.data() + i, outcomes}, place);
    }
}

}  // namespace rationale::detail

#endif
