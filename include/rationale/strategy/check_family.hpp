#ifndef RATIONALE_STRATEGY_CHECK_FAMILY_HPP
#define RATIONALE_STRATEGY_CHECK_FAMILY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/check.hpp"
#include "rationale/kernel/fold_traits.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/random/stream.hpp"
#include "rationale/softmax.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/strategy.hpp"

namespace rationale {

/// How much check_family draws.
struct family_check {
    std::size_t tasks = 20;      ///< from the family's own prior
    std::size_t sequences = 64;  ///< whose tasks are among these
    std::size_t context = 16;    ///< positions of each
    std::uint64_t seed = 0;      ///< of all that is drawn
};

namespace detail {

/// What a family says of itself, held against what it does (check_family).
template <class F>
class family_checker {
    using view_type = view_of<F>;
    using traits = kernel::fold_traits<F, view_type, double>;
    using shared_type = typename traits::shared;
    static constexpr bool distribution = F::kind == prediction_kind::distribution;

public:
    family_checker(const F& family, const family_check& options) : family_(family), options_(options) {}

    void run() {
        declarations();
        const auto prior = own_prior(family_);
        typename F::task_table table;
        allocate(table, [&](char letter) { return letter == 'D' ? options_.tasks : family_.extent(letter); });
        for (std::size_t d = 0; d < options_.tasks; ++d) {
            philox rng = stream(purpose::checks, options_.seed, d);
            prior.draw(rng, family_, table, d);
        }
        const seen_tasks<F> seen(family_, table);
        const auto drawn = sample_sequences(purpose::checks, family_, seen, options_.sequences, options_.context, options_.seed,
                                            std::uint64_t{1} << 32, sequential{});
        check_fields("rationale::check_family", drawn.sequences, [&](char letter) { return family_.extent(letter); });
        sums_.resize(3 * family_.outcomes());
        for (std::size_t s = 0; s < options_.sequences; ++s) known_task(drawn, s);
        generator();
        engines(seen, drawn.sequences);
        causality(seen, drawn.sequences);
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw std::invalid_argument("rationale::check_family: " + std::string(F::name) + ": " + what);
    }
    static std::string text(double x) { return number_text(x); }
    static std::string at(std::size_t s, std::size_t t) { return " at event " + std::to_string(t) + " of sequence " + std::to_string(s); }
    static bool same(double a, double b, double size = 1) {
        const bool none_a = a <= kernel::log_of_zero, none_b = b <= kernel::log_of_zero;
        return none_a || none_b ? none_a == none_b : std::abs(a - b) <= 1e-9 * (1 + std::abs(a) + std::abs(b) + size);
    }

    /// Names and extents.
    void declarations() const {
        if (std::string_view(F::name).empty()) fail("its name is empty, must be a word for files and reports");
        const std::size_t outcomes = family_.outcomes();
        if (outcomes == 0) fail("outcomes() is 0, must be at least 1");
        if (!distribution && outcomes != 1) fail("it predicts means and outcomes() is " + std::to_string(outcomes) + ", must be 1");
        if constexpr (requires { F::fixed_outcomes; })
            if (F::fixed_outcomes != 0 && F::fixed_outcomes != outcomes)
                fail("fixed_outcomes is " + std::to_string(F::fixed_outcomes) + ", must be 0 or outcomes(), " + std::to_string(outcomes));
        const std::string_view shape = F::prediction_shape;
        if (shape.empty() || shape[0] != 'S') fail("prediction_shape is \"" + std::string(shape) + "\", must begin with S");
        if (distribution && family_.extent(shape.back()) != outcomes)
            fail(std::string("prediction_shape ends in ") + shape.back() + ", whose extent is " +
                 std::to_string(family_.extent(shape.back())) + ", must be outcomes(), " + std::to_string(outcomes));
        const auto known = [&](const auto& f, const char* bound) {
            for (const char letter : std::string(f.shape) + std::string(f.below == 0 ? 0 : 1, f.below))
                if (std::string_view(bound).find(letter) == std::string_view::npos && family_.extent(letter) == 0)
                    fail("extent('" + std::string(1, letter) + "') is 0, must be at least 1, as the array " + std::string(f.name) +
                         " is declared with it");
        };
        for_each_field<typename F::task_table>([&](const auto& f) { known(f, "D"); });
        for_each_field<typename F::sequences>([&](const auto& f) { known(f, "ST"); });
    }

    /// The packed numbers of a task.
    struct numbers {
        std::vector<double> all;
        std::span<const double> rows, exact;
    };
    [[nodiscard]] numbers pack(const typename F::task_table& table, std::size_t d) const {
        numbers out;
        const std::size_t rows = family_.rows(), exact = kernel::exact_rows(family_);
        out.all.assign(rows + exact, std::numeric_limits<double>::quiet_NaN());
        family_.pack(table, d, out.all.data(), 1);
        for (std::size_t i = 0; i < out.all.size(); ++i)
            if (std::isnan(out.all[i])) fail("pack leaves number " + std::to_string(i) + " of a task unwritten, or writes nan");
        out.rows = std::span<const double>(out.all).first(rows);
        out.exact = exact == 0 ? out.rows : std::span<const double>(out.all).last(exact);
        return out;
    }
    [[nodiscard]] double log_likelihood(const numbers& n, const shared_type& now) const {
        if constexpr (traits::has_log_likelihood) return family_.log_likelihood(n.exact, now);
        else return 0;
    }

    /// What one event of a task gives.
    struct event {
        std::size_t t;
        const std::vector<double>& expected;
        double before, nats;  // log density of all before it, its input included, and of the observation
    };
    /// Walks along a sequence with one task, checks what belongs to it alone, and calls visit(event); the log density of the whole.
    template <class Visit>
    double walk(const numbers& n, const view_type& view, std::size_t s, const Visit& visit) {
        const std::size_t outcomes = family_.outcomes();
        auto shared = family_.start();
        shared_type part = shared, whole = shared;  // since the middle, and until then
        std::vector<double> state, expected(outcomes);
        if constexpr (traits::has_state) {
            state.resize(family_.state_rows());
            if constexpr (requires { family_.begin(n.rows, state.data(), std::as_const(shared)); })
                family_.begin(n.rows, state.data(), std::as_const(shared));
        }
        double sum = 0, shortfall = -std::numeric_limits<double>::infinity();
        for (std::size_t t = 0; t < view.events(); ++t) {
            traits::enter(family_, shared, view, t);
            if constexpr (traits::has_consider) sum += family_.consider(n.rows, state.data(), std::as_const(shared), view.input(t));
            constexpr bool counts = traits::has_log_likelihood;
            const double before = counts ? log_likelihood(n, shared) : sum;
            if (counts && (t > 0 || traits::has_consider) && !traits::single_event && !same(before, sum))
                fail("log_likelihood is " + text(before) + " and the nats of observe sum to " + text(sum) + at(s, t) +
                     ", must be the same");
            const auto& input = kernel::on_lanes<double>(family_, view.input(t), std::as_const(shared));
            check_predict(n, state, shared, input, expected, s, t);
            const auto observation = view.observation(t);
            if constexpr (distribution)
                if (static_cast<std::size_t>(observation) >= outcomes)
                    fail("the observation is " + std::to_string(observation) + at(s, t) + ", must be below " + std::to_string(outcomes));
            const double nats = check_observe(n, state, shared, input, expected, observation, s, t);
            visit(event{t, expected, before, nats});
            traits::leave(family_, shared, view, t);
            if constexpr (traits::has_restart) {
                if (t > view.events() / 2) traits::enter(family_, part, view, t), traits::leave(family_, part, view, t);
                if (t == view.events() / 2) whole = shared, part = family_.restart(std::as_const(shared));
            }
            if constexpr (counts)
                if (const double after = log_likelihood(n, shared); !same(after - before, nats, std::abs(after)))
                    fail("log_likelihood gains " + text(after - before) + at(s, t) + ", must be " + text(nats) +
                         ", the nats of observe: does advance take the observation in?");
            if constexpr (traits::has_greatest_log_likelihood) {
                const double now = family_.greatest_log_likelihood(std::as_const(shared)) - log_likelihood(n, shared);
                constexpr bool may_fall = traits::has_cells;
                if (!(now >= -1e-9 * (1 + std::abs(sum))) || !(may_fall || now >= shortfall - 1e-9 * (1 + std::abs(now))))
                    fail("a task lacks " + text(now) + " nats of greatest_log_likelihood after event " + std::to_string(t) +
                         " of sequence " + std::to_string(s) + ", must be at least 0" + (may_fall ? "" : " and not fall"));
                shortfall = now;
            }
            sum += nats;
        }
        if constexpr (traits::has_restart && traits::has_log_likelihood) {
            family_.append(whole, std::as_const(part));
            if (const double nats = log_likelihood(n, whole); !same(nats, log_likelihood(n, shared)))
                fail("log_likelihood after restart and append is " + text(nats) + " for sequence " + std::to_string(s) + ", must be " +
                     text(log_likelihood(n, shared)) + ", as without");
        }
        return traits::has_log_likelihood ? log_likelihood(n, shared) : sum;
    }

    /// What a task expects of an event, checked: each outcome once, and a distribution where predictions are that.
    template <class Input>
    void check_predict(const numbers& n, const std::vector<double>& state, const shared_type& shared, const Input& input,
                       std::vector<double>& expected, std::size_t s, std::size_t t) {
        const std::size_t outcomes = expected.size();
        std::vector<int> emitted(outcomes);
        family_.predict(n.rows, state.data(), shared, input, [&](std::size_t k, double p) {
            if (k >= outcomes) fail("predict emits outcome " + std::to_string(k) + ", must be below " + std::to_string(outcomes));
            expected[k] = p, ++emitted[k];
        });
        double total = 0;
        for (std::size_t k = 0; k < outcomes; ++k) {
            if (emitted[k] != 1)
                fail("predict emits outcome " + std::to_string(k) + ' ' + std::to_string(emitted[k]) + " times" + at(s, t) +
                     ", must be once");
            if (!std::isfinite(expected[k]) || (distribution && !(expected[k] >= 0)))
                fail("predict gives outcome " + std::to_string(k) + " the value " + text(expected[k]) + at(s, t) + ", must be " +
                     (distribution ? "a probability" : "finite"));
            total += expected[k];
        }
        if (distribution && !(std::abs(total - 1) <= 1e-9)) fail("predictions sum to " + text(total) + at(s, t) + ", must sum to 1");
    }
    /// The nats of an observation, checked against what was expected and against `factor`. Updates the state.
    template <class Input, class Observation>
    double check_observe(const numbers& n, std::vector<double>& state, const shared_type& shared, const Input& input,
                         const std::vector<double>& expected, const Observation& observation, std::size_t s, std::size_t t) {
        const auto nats_of = [&](const auto& y, std::vector<double> with) {
            return family_.observe(n.rows, with.data(), shared, input, expected.data(), y);
        };
        const double nats = family_.observe(n.rows, state.data(), shared, input, expected.data(), observation);
        if constexpr (distribution) {
            if (!same(nats, std::log(expected[observation])))
                fail("observe gives " + text(nats) + " nats" + at(s, t) + ", must be " + text(std::log(expected[observation])) +
                     ", the log of what was predicted for the observation");
        } else if (t < 2 && s < 2) {
            density(nats_of, state, expected[0], static_cast<double>(observation), s, t);
        }
        if constexpr (traits::has_factor)
            if (const double factor = family_.factor(n.rows, shared, input, observation); !same(std::log(factor), nats))
                fail("factor is " + text(factor) + at(s, t) + ", must be " + text(std::exp(nats)) + ", exp of what observe gives");
        return nats;
    }
    /// exp(observe) as a function of y is a density whose mean is what was predicted.
    template <class Nats>
    void density(const Nats& nats_of, const std::vector<double>& state, double mean, double y, std::size_t s, std::size_t t) {
        const double scale = (std::max)(std::abs(y - mean), 1e-3 * (1 + std::abs(mean)));
        double total = 0, first = 0, second = 0;
        constexpr double step = 1. / 256;
        for (double u = -16; u <= 16; u += step) {  // y = mean + scale sinh(u)
            const double away = scale * std::sinh(u), mass = std::exp(nats_of(mean + away, state)) * scale * std::cosh(u) * step;
            total += mass, first += mass * away, second += mass * away * away;
        }
        if (!(std::abs(total - 1) <= 1e-6))
            fail("exp of what observe gives integrates to " + text(total) + " over y" + at(s, t) + ", must be 1, constants included");
        if (!(std::abs(first) <= 1e-6 * (std::abs(mean) + std::sqrt(second))))
            fail("predict gives " + text(mean) + at(s, t) + ", must be the mean of what observe weighs, " + text(mean + first));
        variance_ += second, ++variances_;
    }

    /// Sequence s with the task that it was drawn from.
    void known_task(const sample_of<F>& drawn, std::size_t s) {
        const auto view = family_.view(drawn.sequences, s);
        const std::size_t outcomes = family_.outcomes();
        std::vector<double> target(view.events() * outcomes);
        family_.target(drawn.truth, drawn.sequences, s, target);
        (void)walk(pack(drawn.truth, s), view, s, [&](const event& e) {
            const auto observation = view.observation(e.t);
            if constexpr (distribution) {
                if (!(e.nats > kernel::log_of_zero))
                    fail("outcome " + std::to_string(observation) + " comes" + at(s, e.t) + ", where its task gives it probability 0");
                for (std::size_t k = 0; k < outcomes; ++k) {
                    const double p = e.expected[k];
                    sums_[3 * k] += observation == k ? 1 - p : -p, sums_[3 * k + 1] += p * (1 - p), sums_[3 * k + 2] += p;
                    if (!(target[e.t * outcomes + k] >= 0)) fail("target gives " + text(target[e.t * outcomes + k]) + at(s, e.t));
                    if (F::prediction_shape.find('T') != std::string_view::npos && !(std::abs(target[e.t * outcomes + k] - p) <= 1e-9))
                        fail("target gives outcome " + std::to_string(k) + " probability " + text(target[e.t * outcomes + k]) + at(s, e.t) +
                             ", must be what the task predicts, " + text(p));
                }
            } else {
                const double residual = observation - e.expected[0];
                sums_[0] += residual, sums_[1] += residual * residual, sums_[2] += 1;
                if (!std::isfinite(target[e.t])) fail("target gives " + text(target[e.t]) + at(s, e.t) + ", must be finite");
            }
        });
    }

    /// Sequences come as their tasks predict them, to six standard errors.
    void generator() const {
        for (std::size_t k = 0; k < family_.outcomes(); ++k) {
            const double off = sums_[3 * k], variance = sums_[3 * k + 1];
            if (!(std::abs(off) <= 6 * std::sqrt(variance) + 1e-6)) {
                if (distribution)
                    fail("outcome " + std::to_string(k) + " comes " + text(sums_[3 * k + 2] + off) + " times where tasks predict " +
                         text(sums_[3 * k + 2]) + ": sample does not draw what predict says");
                fail("observations are " + text(off / sums_[2]) +
                     " away from the predicted means on average: sample does not draw what predict "
                     "says");
            }
        }
        if (!distribution && variances_ > 0 && sums_[2] >= 100) {
            const double ratio = sums_[1] / sums_[2] / (variance_ / variances_);
            if (!(ratio > 0.4 && ratio < 2.5))
                fail("observations vary around their means " + text(ratio) + " times as much as observe weighs them");
        }
    }

    /// Every engine gives the prediction of all tasks, weighed by likelihood, as it follows from the definition.
    void engines(const seen_tasks<F>& seen, const typename F::sequences& data) {
        const memorizing<F> m(family_, seen);
        const auto native = predict(m, data, sequential{}, impossible_context::mask);
        const auto scalar = predict(detail::on_lanes<kernel::scalar_lanes>(m), data, sequential{}, impossible_context::mask);
        const auto evidence = rationale::log_evidence(m, data);
        std::vector<numbers> tasks;
        for (std::size_t d = 0; d < seen.size(); ++d) tasks.push_back(pack(seen.table(), d));
        const std::size_t outcomes = family_.outcomes();
        for (std::size_t s = 0; s < native.sequences(); ++s) {
            const auto view = family_.view(data, s);
            const std::size_t events = view.events();
            std::vector<std::vector<double>> nats(events + 1, std::vector<double>(tasks.size())), predicted(tasks.size());
            for (std::size_t d = 0; d < tasks.size(); ++d) {
                nats[events][d] = walk(tasks[d], view, s, [&](const event& e) {
                    nats[e.t][d] = e.before;
                    predicted[d].insert(predicted[d].end(), e.expected.begin(), e.expected.end());
                });
            }
            if constexpr (traits::has_greatest_gain && traits::has_log_likelihood) gains(tasks, view, s);
            for (std::size_t t = 0; t <= events; ++t) {
                for (std::size_t d = 0; d < tasks.size(); ++d) nats[t][d] += seen.log_weight(d);
                const double log_mass = detail::softmax_in_place(nats[t]);
                if (!(log_mass > kernel::log_of_zero)) break;
                for (const double found : {native.log_evidence(s, t), scalar.log_evidence(s, t), evidence(s, t)})
                    if (!same(found, log_mass))
                        fail("Bayes with its tasks has the log evidence " + text(found) + at(s, t) + ", must be " + text(log_mass) +
                             ": an optional member disagrees with predict and observe");
                for (std::size_t k = 0; k < outcomes && t < events; ++k) {
                    double mean = 0;
                    for (std::size_t d = 0; d < tasks.size(); ++d) mean += nats[t][d] * predicted[d][t * outcomes + k];
                    for (const auto* p : {&native, &scalar})
                        if (!same(p->values(s, t, k), mean))
                            fail("Bayes with its tasks predicts " + text(p->values(s, t, k)) + " for outcome " + std::to_string(k) +
                                 at(s, t) + ", must be " + text(mean) + ": an optional member disagrees with predict and observe");
                }
            }
        }
    }

    /// No task gains more on another than greatest_gain says.
    void gains(const std::vector<numbers>& tasks, const view_type& view, std::size_t s) const {
        auto shared = family_.start();
        traits::enter(family_, shared, view, 0);
        const shared_type before = shared;
        for (std::size_t t = 0; t < view.events(); ++t) {
            traits::leave(family_, shared, view, t);
            traits::enter(family_, shared, view, t + 1);
        }
        for (const auto& rival : {tasks.front(), tasks.back()})
            for (const auto& n : tasks) {
                const double rise =
                    log_likelihood(n, shared) - log_likelihood(n, before) - (log_likelihood(rival, shared) - log_likelihood(rival, before));
                const double most = family_.greatest_gain(rival.exact, before, std::as_const(shared))(n.exact);
                if (!(most >= rise - 1e-9 * (1 + std::abs(rise))))
                    fail("a task gains " + text(rise) + " nats on another in sequence " + std::to_string(s) +
                         ", must be at most what greatest_gain says, " + text(most));
            }
    }

    /// A prediction does not change with what comes after its event.
    void causality(const seen_tasks<F>& seen, const typename F::sequences& data) const {
        if (F::prediction_shape.find('T') == std::string_view::npos || options_.sequences < 2) return;
        const std::size_t until = options_.context / 2;
        auto other = data;
        for_each_field<typename F::sequences>([&](const auto& f) {
            if (f.shape.size() < 2 || f.shape[0] != 'S' || f.shape[1] != 'T') return;
            const auto& from = data.*f.member;
            auto& to = other.*f.member;
            const std::size_t apart = from.size() / options_.sequences, kept = (until + 1) * (apart / options_.context);
            for (std::size_t s = 0; s < options_.sequences; ++s)
                std::copy_n(from.data() + (s + 1) % options_.sequences * apart + kept, apart - kept, to.data() + s * apart + kept);
        });
        const memorizing<F> m(family_, seen);
        const auto a = predict(m, data, sequential{}, impossible_context::mask),
                   b = predict(m, other, sequential{}, impossible_context::mask);
        for (std::size_t s = 0; s < options_.sequences; ++s)
            for (std::size_t t = 0; t <= until; ++t)
                for (std::size_t k = 0; k < family_.outcomes(); ++k)
                    if (!same(a.values(s, t, k), b.values(s, t, k)) && !std::isnan(a.values(s, t, k)))
                        fail("the prediction" + at(s, t) + " changes with what comes after it");
    }

    const F& family_;
    family_check options_;
    std::vector<double> sums_;  // of each outcome: observed minus predicted, its variance, predicted; of means: residuals, squares, number
    double variance_ = 0, variances_ = 0;
};

}  // namespace detail

/// For authors of a family: draws tasks and sequences and holds what the family says against what it does. Every outcome is predicted once
/// and predictions are distributions, or finite; observe weighs what predict says, as a density; factor, log_likelihood and what else there
/// is for speed agree with it; sequences come as their tasks predict them; every engine predicts what follows from the definition, and
/// nothing from what comes later. Throws std::invalid_argument, which names the first fault in a sentence; without one it returns. Cost:
/// sequences x events x tasks on one thread, some milliseconds.
template <class F>
    requires(point_family<F>&& generative_family<F>&& requires(const F& f) { own_prior(f); })
void check_family(const F& family, const family_check& options = {}) {
    constexpr const char* where = "rationale::check_family";
    detail::check_at_least(where, "tasks", options.tasks, 1);
    detail::check_at_least(where, "sequences", options.sequences, 1);
    detail::check_at_least(where, "context", options.context, 1);
    detail::family_checker<F>(family, options).run();
}

}  // namespace rationale

#endif
