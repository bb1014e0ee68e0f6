#ifndef RATIONALE_STRATEGY_BAYES_HPP
#define RATIONALE_STRATEGY_BAYES_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/log_fold.hpp"
#include "rationale/kernel/product_fold.hpp"
#include "rationale/kernel/single_event_fold.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/softmax.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/strategy.hpp"

namespace rationale {

namespace detail {
/// A Bayesian strategy on other lanes than the machine's, which change its rounding alone: for checks.
template <class Lanes, class S>
class strategy_on_lanes {
public:
    explicit strategy_on_lanes(const S& strategy) : strategy_(strategy) {}
    [[nodiscard]] const auto& family() const noexcept { return strategy_.family(); }
    [[nodiscard]] std::string_view name() const noexcept { return strategy_.name(); }
    [[nodiscard]] std::vector<double> numbers() const { return strategy_.numbers(); }
    void predict_sequence(const auto& view, std::span<double> values, std::span<double> log_evidence) const {
        predict_sequences(
            1, [&](std::size_t) { return view; }, [&](std::size_t) { return values; }, [&](std::size_t) { return log_evidence; });
    }
    void predict_sequences(std::size_t count, const auto& view, const auto& values, const auto& log_evidence,
                           const any_executor& execute = sequential{}) const {
        strategy_.template run_on<Lanes, true>(count, view, values, log_evidence, execute);
    }
    void log_evidences(std::size_t count, const auto& view, const auto& log_evidence, const any_executor& execute) const {
        strategy_.template run_on<Lanes, false>(
            count, view, [](std::size_t) { return std::span<double>(); }, log_evidence, execute);
    }

private:
    const S& strategy_;
};
template <class Lanes, class S>
[[nodiscard]] strategy_on_lanes<Lanes, S> on_lanes(const S& strategy) {
    return strategy_on_lanes<Lanes, S>(strategy);
}
}  // namespace detail

/// Bayesian prediction in family F under prior P: the posterior-weighted prediction of P's components, in log space. Memory: the
/// packed components, plus events x outcomes for each sequence under way. Real, double unless said otherwise, is the type of the work at
/// an event; log weights are in double all the same. float is twice as fast, and right to 2e-5 on probabilities.
template <class F, class P, class Real>
class bayes {
    static_assert(std::same_as<Real, double> || std::same_as<Real, float>, "rationale::bayes<F, P, Real>: Real must be float or double");
    static_assert(task_family<F>, "rationale::bayes<F, P>: F must be a task family, see rationale/task/family.hpp");
    static_assert(prior_for<P, F>, "rationale::bayes<F, P>: P must be a prior for F, see rationale/prior/prior.hpp");
    using fold_type = typename detail::fold_for<F, P>::type;
    static constexpr bool has_fold = requires { sizeof(fold_type); };
    static_assert(has_fold,
                  "rationale::bayes<F, P>: there is no predictive<F, P>, the fold of F over the components of P, or its header is not "
                  "included, see rationale/prior/prior.hpp");
    static_assert(!has_fold || fold_of<fold_type, F>,
                  "rationale::bayes<F, P>: the fold of F over P lacks a member, see rationale/task/family.hpp");

public:
    /// Throws std::invalid_argument when the prior does not fit the family or has no component.
    bayes(F family, P prior)
        : family_(std::move(family)),
          prior_(fitting(family_, std::move(prior))),
          fold_(detail::fold_for<F, P>::make(family_, prior_)),
          components_(
              some(prior_.size()), fold_.rows(), kernel::exact_rows(fold_), kernel::event_rows(fold_),
              [&](std::size_t d, double* column, std::size_t stride) { fold_.pack(detail::packed_from(prior_), d, column, stride); },
              [&](std::size_t d) { return prior_.log_weight(d); },
              kernel::product_fold<kernel::native_lanes, Real, fold_type, detail::view_of<F>>::serves,
              kernel::product_fold<kernel::native_lanes, Real, fold_type, detail::view_of<F>>::tabulates,
              kernel::single_event_fold<kernel::native_lanes, Real, fold_type, detail::view_of<F>>::narrows, detail::is_single<P>) {
        (void)&detail::compile_fold<F, fold_type>;
    }

    /// With the family's own prior, or a prior made from the family and `args`: seen tasks from a task table, for instance.
    explicit bayes(const F& family) requires std::same_as<P, own_prior_t<F>> : bayes(family, own_prior(family)) {}
    /// With the prior P(family, args...).
    template <class... Args>
        requires(std::constructible_from<P, const F&, Args...> && sizeof...(Args) > 0)
    explicit bayes(const F& family, Args&&... args) : bayes(family, P(family, std::forward<Args>(args)...)) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    /// The belief before any context.
    [[nodiscard]] const P& prior() const noexcept { return prior_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept {
        if constexpr (std::same_as<P, seen_tasks<F>>) return "memorizing";
        else if constexpr (requires { requires std::same_as<P, own_prior_t<F>>; }) return "generalizing";
        else if constexpr (requires { P::strategy_name; }) return P::strategy_name;
        else return "bayes";
    }
    [[nodiscard]] std::vector<double> numbers() const { return prior_.numbers(); }
    /// What storing the prior takes, where it says so.
    [[nodiscard]] double bits() const requires requires(const P& p) { p.bits(); }
    { return prior_.bits(); }

    /// Expected loss on sequences whose tasks come from a prior, where there is a closed form.
    template <class Tasks>
        requires requires(const fold_type& fold, const P& belief, const Tasks& tasks) { fold.expected_loss(belief, tasks, std::size_t{}); }
    [[nodiscard]] double expected_loss(const Tasks& tasks, std::size_t context) const {
        return fold_.expected_loss(prior_, tasks, context);
    }

    /// Components may be left out of a prediction where, all together, they weigh no more than this share of the rest: predictions move by
    /// at most twice as much. 0 leaves nothing out.
    void skip_tolerance(double tolerance) { skip_tolerance_ = detail::share("rationale::bayes::skip_tolerance", "tolerance", tolerance); }

    template <class View>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        predict_sequences(
            1, [&](std::size_t) { return view; }, [&](std::size_t) { return values; }, [&](std::size_t) { return log_evidence; });
    }

    /// Sequences are spread over the executor, or chunks of components when there are few sequences; parts merge in the same order in any
    /// case.
    template <class View, class Values, class Evidence>
    void predict_sequences(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence,
                           const any_executor& execute = sequential{}) const {
        run_on<kernel::native_lanes, true>(count, view, values, log_evidence, execute);
    }

    template <class View, class Evidence>
    void log_evidences(std::size_t count, const View& view, const Evidence& log_evidence,
                       const any_executor& execute = sequential{}) const {
        run_on<kernel::native_lanes, false>(
            count, view, [](std::size_t) { return std::span<double>(); }, log_evidence, execute);
    }

    /// Posterior probability of each component given what is known when `event` of a sequence is predicted; after its last event when
    /// `event` is their number. All NaN when no component explains it. Throws std::invalid_argument when the arrays do not fit the family,
    /// and for a sequence or an event that there is not. Of several events, posteriors.hpp.
    [[nodiscard]] std::vector<double> posterior(const typename F::sequences& data, std::size_t sequence, std::size_t event) const {
        const auto view = detail::checked_view("rationale::bayes::posterior", family_, data, sequence, event);
        std::vector<double> weight(components_.size()), out(weight.size());
        chunk_fold<lanes_for<kernel::native_lanes>, decltype(view)> fold(fold_, components_, 0);
        const std::size_t size = components_.width() * components_.chunk_tiles();
        for (std::size_t chunk = 0; chunk < components_.chunks(); ++chunk)
            fold.log_weights(chunk, view, event, std::span(weight).subspan(chunk * size, (std::min)(size, weight.size() - chunk * size)));
        detail::softmax_in_place(weight);
        for (std::size_t i = 0; i < out.size(); ++i) out[components_.order()[i]] = weight[i];
        return out;
    }

    /// put(part, count, component) for each of `events`, which increase, some components at a time: `part` (kernel/weights_at.hpp) has
    /// `count` weights, number j that of component(j). Those that are not put have none or, all together, no more than the share
    /// `tolerance` of the rest. Throws as `posterior`.
    template <class Put>
    void weights(const char* where, const typename F::sequences& data, std::size_t sequence, std::span<const std::size_t> events,
                 double tolerance, const Put& put) const {
        if (events.empty()) return;
        const auto view = detail::checked_view(where, family_, data, sequence, *std::max_element(events.begin(), events.end()));
        chunk_fold<lanes_for<kernel::native_lanes>, decltype(view)> fold(fold_, components_, tolerance);
        for (std::size_t chunk = 0; chunk < components_.chunks(); ++chunk) {
            const auto order = components_.order().subspan(chunk * components_.width() * components_.chunk_tiles());
            fold.weights(chunk, view, events, [&](const kernel::weights_at<Real>& part) {
                put(part, part.count(order.size()), [&](std::size_t j) { return order[part.place(j)]; });
            });
        }
    }
    /// What `skip_tolerance` was set to.
    [[nodiscard]] double skip_tolerance() const noexcept { return skip_tolerance_; }

private:
    template <class, class>
    friend class detail::strategy_on_lanes;

    static P fitting(const F& family, P prior) {
        if constexpr (requires { prior.table(); })
            check_fields("rationale::bayes", prior.table(), [&](char letter) { return family.extent(letter); });
        return prior;
    }
    static std::size_t some(std::size_t components) {
        if (components == 0) throw std::invalid_argument("rationale::bayes: the prior has 0 components, must have at least 1");
        return components;
    }

    /// A component alone fills no register.
    template <class Lanes>
    using lanes_for = std::conditional_t<detail::is_single<P>, kernel::scalar_lanes, Lanes>;

    template <class Lanes, class View>
    using chunk_fold = std::conditional_t<kernel::product_fold<Lanes, Real, fold_type, std::remove_cvref_t<View>>::serves,
                                          kernel::product_fold<Lanes, Real, fold_type, std::remove_cvref_t<View>>,
                                          kernel::log_fold<Lanes, Real, fold_type, std::remove_cvref_t<View>>>;

    template <class Lanes, class View>
    using prediction_fold =
        std::conditional_t<kernel::single_event_fold<Lanes, Real, fold_type, std::remove_cvref_t<View>>::serves,
                           kernel::single_event_fold<Lanes, Real, fold_type, std::remove_cvref_t<View>>, chunk_fold<Lanes, View>>;

    template <class Lanes, bool Predict, class View, class Values, class Evidence>
    void run_on(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence,
                const any_executor& execute) const {
        using V = typename Lanes::template of<Real>;
        if constexpr (requires { fold_.template predict_together<V>(prior_, count, view, values, log_evidence); }) {
            constexpr std::size_t together = 8 * kernel::lane_count<V>;
            execute((count + together - 1) / together, [&](std::size_t block) {
                const auto shifted = [&](const auto& of) { return [&of, from = block * together](std::size_t i) { return of(from + i); }; };
                fold_.template predict_together<V>(prior_, (std::min)(together, count - block * together), shifted(view), shifted(values),
                                                   shifted(log_evidence));
            });
        } else {
            run<Predict, prediction_fold<lanes_for<Lanes>, decltype(view(std::size_t{}))>>(count, view, values, log_evidence, execute);
        }
    }
    template <bool Predict, class Fold, class View, class Values, class Evidence>
    void run(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence, const any_executor& execute) const {
        if (count == 0) return;
        using sequence = std::remove_cvref_t<decltype(view(0))>;
        const std::size_t chunks = components_.chunks(), events = view(0).events();
        const kernel::mixture_sums empty(events, Predict ? fold_.outcomes() : 0);
        const auto finish = [&](std::size_t s, const kernel::mixture_sums& sums) {
            if constexpr (Predict) sums.finish(values(s), log_evidence(s));
            else sums.finish({}, log_evidence(s));
        };
        // Parts of the work that run at the same time are groups of sequences or, when these are few, chunks of components; in either case
        // some sequences share what is read of a chunk.
        const std::size_t bytes = (events + 1) * (empty.outcomes() + 2) * sizeof(double);
        const std::size_t at_once = execute.is_sequential() ? 1 : 16;
        constexpr bool shares_tables = requires { requires Fold::tabulates; };
        const std::size_t group = std::clamp(count / at_once, chunks == 1 ? std::size_t{1} : Fold::side_by_side,
                                             std::clamp((shares_tables ? 1u << 22 : 1u << 20) / bytes, Fold::side_by_side,
                                                        shares_tables ? std::size_t{256} : std::size_t{64}));
        const std::size_t groups = (count + group - 1) / group;
        if (groups >= at_once || chunks == 1) {
            execute(groups, [&](std::size_t g) {
                std::vector<sequence> sequences;
                for (std::size_t s = g * group; s < (std::min)((g + 1) * group, count); ++s) sequences.push_back(view(s));
                std::vector<kernel::mixture_sums> sums(sequences.size(), empty);
                run_chunks<Predict, Fold, sequence>(0, chunks, sequences, sums);
                for (std::size_t s = 0; s < sums.size(); ++s) finish(g * group + s, sums[s]);
            });
        } else {
            const std::size_t most = std::clamp((1u << 24) / (chunks * bytes), std::size_t{1}, Fold::side_by_side);
            for (std::size_t first = 0; first < count; first += most) {
                std::vector<sequence> sequences;
                for (std::size_t s = first; s < (std::min)(first + most, count); ++s) sequences.push_back(view(s));
                const std::size_t size = sequences.size();
                std::vector<kernel::mixture_sums> parts(chunks * size, empty);
                execute(chunks, [&](std::size_t chunk) {
                    run_chunks<Predict, Fold, sequence>(chunk, chunk + 1, sequences, std::span(parts).subspan(chunk * size, size));
                });
                for (std::size_t s = 0; s < size; ++s) {
                    kernel::mixture_sums sums = empty;
                    for (std::size_t chunk = 0; chunk < chunks; ++chunk) sums.merge(parts[chunk * size + s]);
                    finish(first + s, sums);
                }
            }
        }
    }
    /// Adds what chunks [begin, end) say of some sequences to `sums`, which are empty where there is one chunk.
    template <bool Predict, class Fold, class Sequence>
    void run_chunks(std::size_t begin, std::size_t end, std::span<const Sequence> sequences, std::span<kernel::mixture_sums> sums) const {
        Fold fold(fold_, components_, skip_tolerance_);
        std::vector<kernel::mixture_sums> parts;
        if (end - begin > 1) parts.assign(Fold::side_by_side, kernel::mixture_sums(sums[0]));
        for (std::size_t chunk = begin; chunk < end; ++chunk)
            for (std::size_t first = 0; first < sequences.size(); first += Fold::side_by_side) {
                const std::size_t size = (std::min)(Fold::side_by_side, sequences.size() - first);
                for (auto& part : parts) part.clear();
                const auto into = parts.empty() ? sums.subspan(first, size) : std::span(parts).first(size);
                fold.template run<Predict>(chunk, sequences.subspan(first, size), into);
                for (std::size_t s = 0; !parts.empty() && s < size; ++s) sums[first + s].merge(parts[s]);
            }
    }

    F family_;
    P prior_;
    fold_type fold_;
    kernel::packed_components<Real> components_;
    double skip_tolerance_ = std::same_as<Real, float> ? 4e-6 : 1e-12;
};

}  // namespace rationale

#endif
