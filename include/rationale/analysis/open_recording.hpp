// The one place where an analysis is a template on the family: what a run source (run_source.hpp) is made of.
#ifndef RATIONALE_ANALYSIS_OPEN_RECORDING_HPP
#define RATIONALE_ANALYSIS_OPEN_RECORDING_HPP

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/excluding_parameters.hpp"
#include "rationale/analysis/detail/family_numbers.hpp"
#include "rationale/analysis/detail/memory_axis.hpp"
#include "rationale/analysis/detail/notes_of_files.hpp"
#include "rationale/analysis/detail/observed_loss.hpp"
#include "rationale/analysis/detail/run_of_tables.hpp"
#include "rationale/analysis/detail/strategy_names.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/compare/subset.hpp"
#include "rationale/kernel/fold_traits.hpp"
#include "rationale/prior/features.hpp"
#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/prior/pooled.hpp"
#include "rationale/recording/families.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/strategy/borrowed.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/ngrams.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/usual_strategies.hpp"

namespace rationale {

namespace detail {

/// What a run's file says, and what its arrays show.
template <class F>
[[nodiscard]] run_facts facts_of(const run_entry& entry, const run_reader<F>& reader, const F& family, const seen_tasks<F>& seen) {
    run_facts out{.file = entry.file,
                  .tasks = entry.tasks,
                  .seed = entry.seed,
                  .context = reader.context(),
                  .steps = reader.steps(),
                  .train_loss = reader.train_loss()};
    for (std::size_t n = 0; n < reader.visits().size(); ++n)
        out.visits.emplace_back(static_cast<double>(reader.steps()[n]), reader.visits()[n]);
    for (const split split : splits)
        if (reader.has(split)) out.sequences[split] = count_of(reader.sequences(split));
    if (reader.positions().size() < reader.context()) out.positions = reader.positions();
    out.events = reader.positions().empty() ? family.view(reader.sequences(split::id), 0).events() : reader.positions().size();
    out.outcomes = family.outcomes();
    if constexpr (requires { family.order(); })
        for (std::size_t j = 0; j < family.order(); ++j) out.rows *= out.outcomes;
    out.task_weights.assign(seen.weights().begin(), seen.weights().end()), out.equal_weights = seen.uniform();
    return out;
}

/// Calls make(family, seen tasks).
struct make_usual_strategies {
    template <class F>
    [[nodiscard]] auto operator()(const F& family, const seen_tasks<F>& seen) const {
        return usual_strategies(family, seen);
    }
};

/// Whether the beliefs about a family's seen tasks have rows that can be pooled.
template <class F>
constexpr bool pools = requires {
    sizeof(predictive<F, pooled<remembered<seen_tasks<F>>>>);
};

/// Whether memories of a family's seen tasks can also be told how often an observation counts.
template <class F>
constexpr bool tempers_memory = can_be_tempered<F, decltype(std::declval<const precision_axis<F>&>().at(
                                                       std::declval<const F&>(), std::declval<const seen_tasks<F>&>(), 0.5))>;

/// The memories of a run whose family has them.
template <task_family F>
class recorded_memory final : public memory_source {
    static_assert(memory_axis<precision_axis<F>, F> && memory_axis<exponent_axis<F>, F>);

public:
    recorded_memory(const F& family, const run_reader<F>& reader)
        : family_(family), reader_(reader), seen_(family, reader.table(), reader.task_weights()), precision_(family), exponent_(family) {}

    [[nodiscard]] double bits(std::size_t axis, double share, double memorizing, double program) const override {
        return along(axis, [&](const auto& a) { return a.bits(a.at(family_, seen_, share), memorizing, program); });
    }
    [[nodiscard]] double nats(double share) const override {
        const rationale::memory<F> of(family_);
        double sum = 0;
        for (std::size_t d = 0; d < reader_.tasks(); ++d) sum += of.nats(reader_.table(), d, share);
        return sum;
    }
    [[nodiscard]] loss_estimate losses(std::size_t axis, const std::vector<double>& shares, const loss_options& options,
                                       const any_executor& execute) const override {
        const generalizing<F> generalize(family_);
        const constant<F> guess(family_);
        std::vector<std::optional<double>> exact(shares.size() + 2);
        if constexpr (requires { generalize.expected_loss(seen_, reader_.context()); })
            exact[shares.size()] = generalize.expected_loss(seen_, reader_.context());
        if constexpr (requires { guess.expected_loss(seen_, reader_.context()); })
            exact[shares.size() + 1] = guess.expected_loss(seen_, reader_.context());
        return along(axis, [&]<class Axis>(const Axis& a) {
            // Losses, which are known to a percent, are those of predictions in float: to 1e-5 the same, in half the time.
            using real = std::conditional_t<F::kind == prediction_kind::mean, double, float>;
            const std::size_t events = family_.view(reader_.sequences(split::id), 0).events();
            const std::size_t sequences = Axis::loss_sequences * 32 / std::clamp(events, std::size_t{32}, std::size_t{128});
            const auto predict_them = predictor<real>(a, shares, execute);
            return estimate_losses(family_, predict_them, exact, seen_, reader_.context(),
                                   {.seed = options.seed,
                                    .relative_error = 0,
                                    .batch = options.batch,
                                    .most_sequences = (std::min)(options.most_sequences, sequences)},
                                   execute);
        });
    }
    [[nodiscard]] std::vector<predictions> predict_range(std::size_t axis, const std::vector<double>& shares, split split,
                                                         const sequence_numbers& which, const any_executor& execute) const override {
        return along(axis, [&](const auto& a) {
            auto all = predictor<double>(a, shares, execute)(subset(reader_.sequences(split), which));
            for (auto& p : all) p = at_events(std::move(p), reader_.positions());
            return all;
        });
    }
    [[nodiscard]] predictions predict(std::size_t axis, double share, split split, const sequence_numbers& which,
                                      const any_executor& execute) const override {
        if (share == 1) return of_prior(seen_, split, which, execute);
        return along(axis, [&](const auto& a) { return of_prior(a.at(family_, seen_, share), split, which, execute); });
    }
    [[nodiscard]] predictions predict_tempered(double share, double exponent, split split, const sequence_numbers& which,
                                               bool in_float) const override {
        if constexpr (!tempers_memory<F>) throw std::logic_error("rationale: this family's memories cannot be tempered");
        else {
            const auto of_tempered = [&](auto prior) {
                if constexpr (F::kind == prediction_kind::distribution)
                    if (in_float) return of_prior<float>(tempered(std::move(prior), exponent), split, which, sequential{});
                return of_prior(tempered(std::move(prior), exponent), split, which, sequential{});
            };
            if constexpr (precision_axis<F>::starts_at_generalizing)
                if (share == 0) return of_tempered(own_prior(family_));  // one belief, not one a task
            return of_tempered(precision_.at(family_, seen_, share));
        }
    }
    [[nodiscard]] predictions predict_copying(double power, split split, const sequence_numbers& which) const override {
        if constexpr (requires { generalizing<F>(family_, power); })
            return at_events(rationale::predict(generalizing<F>(family_, power), subset(reader_.sequences(split), which)),
                             reader_.positions());
        else throw std::logic_error("rationale: this family has no copying");
    }
    [[nodiscard]] predictions predict_pooled(double share, double exponent, double strength, split split,
                                             const sequence_numbers& which) const override {
        const auto of_pooled = [&](auto prior) {
            return of_prior(tempered(pooled(std::move(prior), strength), exponent), split, which, sequential{});
        };
        if constexpr (!pools<F>) throw std::logic_error("rationale: this family has no rows to pool");
        else return share == 0 ? of_pooled(own_prior(family_)) : of_pooled(precision_.at(family_, seen_, share));
    }
    [[nodiscard]] predictions predict_with(const std::vector<double>& precisions, double exponent, split split,
                                           const sequence_numbers& which) const override {
        if constexpr (F::kind == prediction_kind::distribution && precision_axis<F>::starts_at_generalizing && tempers_memory<F>)
            return of_prior(tempered(remembered<seen_tasks<F>, std::vector<double>>(family_, seen_, precisions), exponent), split, which,
                            sequential{});
        else throw std::logic_error("rationale: this family has no memory of each task's own precision");
    }

private:
    template <class Of>
    [[nodiscard]] auto along(std::size_t axis, const Of& of) const {
        return axis == 0 ? of(precision_) : of(exponent_);
    }
    /// What the memories at `shares` of an axis predict, then generalizing and the constant.
    template <class Real, class Axis>
    [[nodiscard]] auto predictor(const Axis& a, const std::vector<double>& shares, const any_executor& execute) const {
        std::vector<bayes<F, decltype(a.at(family_, seen_, 0.5)), Real>> several;
        for (double s : shares) several.emplace_back(family_, a.at(family_, seen_, s));
        return [this, several = std::move(several), &execute](const typename F::sequences& q) {
            return predict_all_of(
                several.size(), [&](std::size_t i) { return rationale::predict(several[i], q, sequential{}, impossible_context::mask); }, q,
                execute);
        };
    }
    /// `several` predictions, then those of generalizing and of the constant.
    [[nodiscard]] std::vector<predictions> predict_all_of(std::size_t several, function_ref<predictions(std::size_t)> one,
                                                          const typename F::sequences& q, const any_executor& execute) const {
        std::vector<predictions> all(several + 2);
        execute(all.size(), [&](std::size_t i) {
            if (i < several) all[i] = one(i);
            else if (i == several) all[i] = rationale::predict(generalizing<F>(family_), q);
            else all[i] = rationale::predict(constant<F>(family_), q);
        });
        return all;
    }
    template <class Real = double, class P>
    [[nodiscard]] predictions of_prior(P prior, split split, const sequence_numbers& which, const any_executor& execute,
                                       impossible_context policy = impossible_context::mask) const {
        return at_events(
            rationale::predict(bayes<F, P, Real>(family_, std::move(prior)), subset(reader_.sequences(split), which), execute, policy),
            reader_.positions());
    }

    const F& family_;
    const run_reader<F>& reader_;
    seen_tasks<F> seen_;
    precision_axis<F> precision_;
    exponent_axis<F> exponent_;
};

/// A run of a family with its strategies.
template <task_family F, class Strategies>
class recorded_run final : public run_source {
public:
    /// The family must not change any more: the run's parts refer to it.
    recorded_run(std::shared_ptr<const F> family, std::unique_ptr<run_reader<F>> reader, run_facts known,
                 const std::function<Strategies(const F&, const seen_tasks<F>&)>& make)
        : run_source(std::move(known)),
          family_(std::move(family)),
          reader_(std::move(reader)),
          seen_(*family_, reader_->table(), reader_->task_weights()),
          strategies_(make(*family_, seen_)) {
        if constexpr (requires { rationale::memory<F>(*family_); }) memory_.emplace(*family_, *reader_);
    }
    [[nodiscard]] loss_estimate losses(const loss_options& options, const any_executor& execute) const override {
        auto out = estimate_losses(strategies_, seen_, reader_->context(), options, execute);
        for (const auto& own : reader_->strategies()) add_exact(out, own.loss);
        return out;
    }
    [[nodiscard]] std::vector<description> descriptions(const std::vector<compressor>& by, const any_executor& execute) const override {
        std::vector<description> out;
        strategies_.for_each([&](std::size_t, const auto& s) { out.push_back(description_length(s.numbers(), by, execute)); });
        out.resize(out.size() + reader_->strategies().size());
        return out;
    }
    [[nodiscard]] std::optional<summed_bits> bits_within(double eps) const override {
        if constexpr (weighed_tasks<F>)
            if (family_->extent('R') <= 128)  // above so many rows of a chain their shares take longer than all else
                return rationale::bits_within(*family_, own_prior(*family_), seen_, eps, {.draws = 256, .tasks = 64});
        return std::nullopt;
    }
    [[nodiscard]] std::vector<predictions> predict(split split, const sequence_numbers& which, const any_executor& execute) const override {
        auto out = predict_all(strategies_, subset(reader_->sequences(split), which), execute, impossible_context::mask);
        for (auto& p : out) p = at_events(std::move(p), reader_->positions());
        for (std::size_t q = 0; q < reader_->strategies().size(); ++q) {
            auto all = reader_->strategy(q, split);
            predictions some;
            out.push_back(&subset(all, which, some) == &all ? std::move(all) : std::move(some));
        }
        return out;
    }
    void for_each_checkpoint(split split, const sequence_numbers& which,
                             const std::function<void(std::size_t, const predictions&)>& visit) const override {
        predictions some;
        reader_->for_each_checkpoint(split, [&](std::size_t n, const predictions& all) { visit(n, subset(all, which, some)); });
    }
    [[nodiscard]] ndarray<double, 2> observed_losses(split split, const sequence_numbers& which, const predictions& p) const override {
        return detail::observed_losses(*family_, reader_->sequences(split), which, p, reader_->positions());
    }
    [[nodiscard]] std::vector<double> evidence_with(std::size_t number, double value, const sequence_numbers& which) const override {
        try {
            const F family = with_number(*family_, number, value);
            const seen_tasks<F> seen(family, reader_->table(), reader_->task_weights());
            return evidence_of(rationale::predict(memorizing<F>(family, seen), subset(reader_->sequences(split::id), which), sequential{},
                                                  impossible_context::mask));
        } catch (const std::invalid_argument&) {
            return {};
        }
    }
    [[nodiscard]] sequence_trace start_trace(std::size_t s, const std::vector<predictions>& parts) const override {
        return detail::start_trace<F>(family_->view(reader_->sequences(split::id), s), parts, 0, reader_->positions());
    }
    [[nodiscard]] std::vector<double> said(std::size_t s, const predictions& p) const override {
        return said_of<F>(family_->view(reader_->sequences(split::id), s), p, 0, reader_->positions());
    }
    [[nodiscard]] const memory_source* memory() const override {
        if constexpr (requires { rationale::memory<F>(*family_); }) return &*memory_;
        else return nullptr;
    }

private:
    /// Adds a strategy whose loss is known: its difference to another is as uncertain as that.
    static void add_exact(loss_estimate& to, double loss) {
        const std::size_t n = to.mean.size();
        auto off = filled<double, 2>({n + 1, n + 1}, 0.0);
        for (std::size_t q = 0; q < n; ++q) {
            for (std::size_t r = 0; r < n; ++r) off(q, r) = to.difference_error(q, r);
            off(q, n) = off(n, q) = to.standard_error[q];
        }
        to.mean.push_back(loss), to.standard_error.push_back(0), to.difference_error = std::move(off);
    }

    struct none {};
    std::shared_ptr<const F> family_;
    std::unique_ptr<run_reader<F>> reader_;
    seen_tasks<F> seen_;
    Strategies strategies_;
    std::conditional_t < requires(const F& f) { rationale::memory<F>(f); }
    , std::optional<recorded_memory<F>>, none > memory_{};
};

/// The axes of a family's memories, and why there are none.
template <class F, class Strategies>
void find_memory(const std::shared_ptr<const F>& family, recording_source& out) {
    constexpr std::size_t count = Strategies::size, memorizes = place_in<memorizing<F>, Strategies>,
                          generalizes = place_in<generalizing<F>, Strategies>, guesses = place_in<constant<F>, Strategies>;
    if constexpr (!requires { rationale::memory<F>(*family); }) {
        out.no_memory =
            "the family " + out.family +
            " has no conjugate prior (memory<F>), so that its seen tasks are points, of which only the likelihood can be tempered";
    } else if constexpr (memorizes == count || generalizes == count) {
        out.no_memory = std::string(memorizes == count ? "memorizing" : "generalizing") + " is not among the strategies";
    } else {
        const auto add = [&]<class Axis>(std::type_identity<Axis>) {
            out.memory_axes.push_back({Axis::name, [family](double s) { return Axis(*family).value(s); },
                                       [family](double x) { return Axis(*family).share(x); }, Axis::starts_at_generalizing});
        };
        add(std::type_identity<precision_axis<F>>()), add(std::type_identity<exponent_axis<F>>());
        out.roles = {memorizes, generalizes, guesses < count ? std::optional(guesses) : std::nullopt};
        out.pooled_memories = pools<F>;
        if constexpr (!tempers_memory<F>)
            out.no_square = "the fold of the family " + out.family + " over remembered tasks has no temper(exponent)";
        else if constexpr (!precision_axis<F>::starts_at_generalizing)
            out.no_square = "generalizing is no memory of precision 0 in the family " + out.family;
        out.tempered_memories = tempers_memory<F> && kernel::fold_traits<F, view_of<F>, double>::single_event;
    }
}

}  // namespace detail

namespace detail {
/// The family as which recordings of F are analysed: of known bases the one whose basis is forgotten, so that it is compiled once.
template <class F>
struct analyzed_as {
    using type = F;
};
template <class Basis>
    requires(std::same_as<Basis, fourier_basis> || std::same_as<Basis, polynomial_basis> || std::same_as<Basis, relu_basis>)
struct analyzed_as<feature_regression<Basis>> {
    using type = feature_regression<any_basis>;
};

/// open_recording of a recording of a family with these parameters.
template <task_family F, class Make>
[[nodiscard]] recording_source open_as(const std::shared_ptr<const F>& family, const manifest& m, memory_limit room,
                                       const Make& make_strategies) {
    using strategies_type = std::invoke_result_t<const Make&, const F&, const seen_tasks<F>&>;
    static_assert(strategies_type::size >= 2,
                  "rationale::open_recording: there must be two strategies at least, memorizing and generalizing");
    if constexpr (F::kind == prediction_kind::distribution && requires { family->outcomes(); })
        if (family->outcomes() == 1)
            throw recording_error(m.file() + ": there is one outcome, which leaves nothing to predict, expected at least 2");
    recording_source out{.folder = m.folder.string(), .name = m.name, .family = m.family, .kind = F::kind};
    for (const auto* part : {&m.parameters, &m.model, &m.training})
        for (const auto& [key, value] : part->items())
            if (value.is_number()) out.settings.emplace_back(key, value.template get<double>());
    for_each_field<typename F::sequences>([&](const auto& f) { out.has_inputs = out.has_inputs || f.name == "x"; });
    out.family_numbers = detail::family_numbers(*family);
    out.schedule = m.schedule();
    out.excluding = detail::excluding_parameters(*family);
    out.predicts_every_event = F::prediction_shape.find('T') != std::string_view::npos;
    if (m.state != file_state{}) out.files.push_back({m.file(), m.state});

    auto entries = m.runs;
    std::sort(entries.begin(), entries.end(),
              [](const run_entry& a, const run_entry& b) { return std::pair(a.tasks, a.seed) < std::pair(b.tasks, b.seed); });
    std::map<std::string, std::string> file_of;
    std::vector<std::vector<std::unique_ptr<run_reader<F>>>> readers;  // of each run, one for each of its tables
    for (const auto& entry : entries) {
        auto& of_run = readers.emplace_back();
        for (const checkpoint_range& checkpoints : checkpoint_tables<F>(m, entry)) {
            const auto& reader = *of_run.emplace_back(std::make_unique<run_reader<F>>(m, entry, *family, room, checkpoints));
            room.bytes -= reader.bytes();
        }
        const auto& reader = *of_run[0];
        out.files.push_back(reader.source());
        if (const auto [other, first] = file_of.emplace(reader.checksums(), reader.file()); !first)
            throw recording_error(reader.file() + ": holds the same arrays as " + other->second +
                                  ", expected a file for each run: one run counts once");
    }
    detail::files_of_runs files;
    for (const auto& of_run : readers) {
        auto& of_tables = files.emplace_back();
        for (const auto& reader : of_run) of_tables.push_back(reader.get());
    }
    out.notes = detail::notes_of_rounding(files, F::kind);
    for (auto& sentence : detail::notes_of_tables(files)) out.notes.push_back(std::move(sentence));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& reader = *readers[i].back();
        const seen_tasks<F> seen(*family, reader.table(), reader.task_weights());
        if (i == 0) {
            const auto made = make_strategies(*family, seen);
            made.for_each([&]<class S>(std::size_t q, const S&) {
                detail::add_name(out.strategies, std::string(made.names()[q]));
                out.programs.push_back(program_bits<S>);
            });
            for (const auto& own : entries[0].strategies) detail::add_name(out.strategies, own.name), out.programs.emplace_back();
            for (auto& sentence : detail::notes_of_given(entries[0], reader.positions().size(), reader.context()))
                out.notes.push_back(std::move(sentence));
        }
        detail::check_given_alike(entries[i], entries[0], m);
        auto known = detail::facts_of(entries[i], reader, *family, seen);
        known.bits = detail::bits_of(entries[i], out.strategies, m);
        std::vector<std::unique_ptr<run_source>> tables;
        std::vector<std::size_t> first;
        for (const auto& of_table : readers[i]) first.push_back(of_table->first_checkpoint());
        for (auto& of_table : readers[i])
            tables.push_back(std::make_unique<detail::recorded_run<F, strategies_type>>(
                family, std::move(of_table), known, [&](const F& f, const seen_tasks<F>& s) { return make_strategies(f, s); }));
        out.covariates.push_back(detail::covariate_of(entries[i], out.strategies, m));
        if (tables.size() == 1) out.runs.push_back(std::move(tables[0]));
        else out.runs.push_back(std::make_unique<detail::run_of_tables>(std::move(known), std::move(tables), first));
    }
    detail::find_memory<F, strategies_type>(family, out);
    return out;
}

}  // namespace detail

/// Opens a recording of family F for an analysis. `make_strategies(family, seen tasks)` gives the strategies of a run: memorizing and
/// generalizing, or what stands for them, then any others, for instance of your own. The small arrays of all runs are read and checked;
/// predictions stay in the files. Throws recording_error for a faulty recording.
template <task_family F, class Make = detail::make_usual_strategies>
[[nodiscard]] recording_source open_recording(const manifest& m, memory_limit room = {}, const Make& make_strategies = {}) {
    using analyzed = std::conditional_t<std::same_as<Make, detail::make_usual_strategies>, typename detail::analyzed_as<F>::type, F>;
    return detail::open_as<analyzed>(std::make_shared<const analyzed>(family_of<F>(m)), m, room, make_strategies);
}

}  // namespace rationale

#endif
