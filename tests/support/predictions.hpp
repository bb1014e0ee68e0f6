// How far apart two predictions are, and sequences that repeat others' events.
#ifndef RATIONALE_TESTS_SUPPORT_PREDICTIONS_HPP
#define RATIONALE_TESTS_SUPPORT_PREDICTIONS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "rationale/rationale.hpp"

namespace rationale_test {

/// The largest distance(x, y) of numbers at the same place; infinite where there is none, or not as many of them.
template <class Array, class Distance>
double largest_of(const Array& a, const Array& b, const Distance& distance) {
    double most = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const double x = a.data()[i], y = b.data()[i], apart = x == y ? 0 : distance(x, y);
        most = std::max(most, std::isnan(apart) ? std::numeric_limits<double>::infinity() : apart);
    }
    return most;
}

/// max |p - q| of probabilities or means.
inline double largest_value_difference(const rationale::predictions& a, const rationale::predictions& b) {
    return largest_of(a.values, b.values, [](double x, double y) { return std::abs(x - y); });
}

/// max |x - y|/(1 + |y|) of log evidence.
inline double largest_evidence_difference(const rationale::predictions& a, const rationale::predictions& b) {
    return largest_of(a.log_evidence, b.log_evidence, [](double x, double y) { return std::abs(x - y) / (1 + std::abs(y)); });
}

/// The larger of both.
inline double largest_difference(const rationale::predictions& a, const rationale::predictions& b) {
    return std::max(largest_value_difference(a, b), largest_evidence_difference(a, b));
}

/// max |x - y| of values and of log evidence alike: for parts whose numbers are added up in another order.
inline double largest_absolute_difference(const rationale::predictions& a, const rationale::predictions& b) {
    return std::max(largest_value_difference(a, b),
                    largest_of(a.log_evidence, b.log_evidence, [](double x, double y) { return std::abs(x - y); }));
}

/// Sequences whose event (s, t) is event `which(s, t)`, a pair, of q.
template <class Q, class Which>
Q with_events(const Q& q, std::size_t sequences, std::size_t events, const Which& which) {
    Q out;
    rationale::for_each_field<Q>([&](const auto& f) {
        const auto& from = q.*f.member;
        auto& to = out.*f.member;
        auto shape = from.shape();
        const std::size_t size = from.size() / (shape[0] * shape[1]);
        shape[0] = sequences, shape[1] = events;
        to.resize(shape);
        for (std::size_t s = 0; s < sequences; ++s)
            for (std::size_t t = 0; t < events; ++t) {
                const auto [row, event] = which(s, t);
                std::copy_n(from.data() + (row * from.shape(1) + event) * size, size, to.data() + (s * events + t) * size);
            }
    });
    return out;
}

/// Sequences in which each of `events` events of q came e times, one after the other.
template <class Q>
Q each_event_times(const Q& q, std::size_t sequences, std::size_t events, std::size_t e) {
    return with_events(q, sequences, e * events, [e](std::size_t s, std::size_t t) { return std::pair(s, t / e); });
}

}  // namespace rationale_test

#endif
