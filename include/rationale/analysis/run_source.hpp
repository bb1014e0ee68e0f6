#ifndef RATIONALE_ANALYSIS_RUN_SOURCE_HPP
#define RATIONALE_ANALYSIS_RUN_SOURCE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/trace.hpp"
#include "rationale/complexity/description_length.hpp"
#include "rationale/execution.hpp"
#include "rationale/recording/regular_file.hpp"
#include "rationale/split.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/task/prediction.hpp"
#include "rationale/universality/hypothesis_mass.hpp"

namespace rationale {

/// Some sequences of a split, by number, increasing.
using sequence_numbers = std::vector<std::size_t>;

/// What a recording says of a training run.
struct run_facts {
    std::string file{};                 ///< its npz file, as the manifest names it
    std::size_t tasks = 0;              ///< D
    std::int64_t seed = 0;              ///< of its training
    std::size_t context = 0;            ///< positions of a sequence
    std::vector<std::int64_t> steps{};  ///< its checkpoints
    std::vector<double> train_loss{};   ///< at each of them; empty when not recorded
    /// (step, how often a task was seen in the mean) at each of them; empty when not recorded.
    std::vector<std::pair<double, double>> visits{};
    per_split<std::size_t> sequences{};    ///< of each split; 0 where it is not recorded
    std::size_t events = 0;                ///< of a sequence, as they are predicted
    std::vector<std::size_t> positions{};  ///< of those events, from 0, where not every one is predicted; else empty
    std::size_t outcomes = 0;              ///< of an event
    std::size_t rows = 1;                  ///< parts of a task that are remembered each on its own: a chain's rows, else 1
    std::vector<double> task_weights{};    ///< with which its tasks were seen, sum 1
    bool equal_weights = true;             ///< whether these are all the same
    /// Complexities that the recording gives, strategy by strategy; empty where it gives none.
    std::vector<std::optional<double>> bits{};
};

/// A run's memories of its seen tasks: a range of them along each of the recording's `memory_axes`, from share 0 to share 1, which is
/// memorizing. Predictions are NaN after what a memory excludes.
class memory_source {
public:
    virtual ~memory_source() = default;
    memory_source() = default;
    memory_source(const memory_source&) = delete;
    memory_source& operator=(const memory_source&) = delete;

    /// Bits of the memory at a share, `memorizing` and `program` being memorizing's complexity and its program's part in it.
    [[nodiscard]] virtual double bits(std::size_t axis, double share, double memorizing, double program) const = 0;
    /// KL(belief || own prior) in nats that all tasks together take at a share of the first axis.
    [[nodiscard]] virtual double nats(double share) const = 0;
    /// Expected losses of the memories at `shares`, of generalizing and of the constant.
    [[nodiscard]] virtual loss_estimate losses(std::size_t axis, const std::vector<double>& shares, const loss_options& options,
                                               const any_executor& execute) const = 0;
    /// What those predict.
    [[nodiscard]] virtual std::vector<predictions> predict_range(std::size_t axis, const std::vector<double>& shares, split split,
                                                                 const sequence_numbers& which, const any_executor& execute) const = 0;
    /// What the memory at one share predicts.
    [[nodiscard]] virtual predictions predict(std::size_t axis, double share, split split, const sequence_numbers& which,
                                              const any_executor& execute) const = 0;
    /// What the memory at a share of the first axis predicts when every observation counts `exponent` times; `in_float`, where predictions
    /// are distributions, right to 2e-5 in half the time.
    [[nodiscard]] virtual predictions predict_tempered(double share, double exponent, split split, const sequence_numbers& which,
                                                       bool in_float = false) const = 0;
    /// What generalizing predicts when its similarities are raised to a power, in a family where it copies from the context.
    [[nodiscard]] virtual predictions predict_copying(double power, split split, const sequence_numbers& which) const = 0;
    /// The same with rows of the context pooled, where the recording has `pooled_memories` (prior/pooled.hpp).
    [[nodiscard]] virtual predictions predict_pooled(double share, double exponent, double strength, split split,
                                                     const sequence_numbers& which) const = 0;
    /// What is predicted when each task has a precision of its own and every observation counts `exponent` times.
    [[nodiscard]] virtual predictions predict_with(const std::vector<double>& precisions, double exponent, split split,
                                                   const sequence_numbers& which) const = 0;
};

/// A training run to be analysed, its family forgotten: the facts of the run, its strategies, and what the model predicted.
class run_source {
public:
    /// Of a run with these facts.
    explicit run_source(run_facts known) : facts(std::move(known)) {}
    virtual ~run_source() = default;
    run_source(const run_source&) = delete;
    run_source& operator=(const run_source&) = delete;

    const run_facts facts;  ///< what the recording says of the run

    /// Of a run whose seen tasks change during training one source for each table, which has the run's facts and is asked about the
    /// checkpoints with that table alone; of any other run itself.
    [[nodiscard]] virtual std::vector<const run_source*> tables() const { return {this}; }
    /// That of a checkpoint, by its step.
    [[nodiscard]] virtual const run_source* table_at(std::int64_t) const { return this; }
    /// Expected losses of the strategies in nats.
    [[nodiscard]] virtual loss_estimate losses(const loss_options& options, const any_executor& execute) const = 0;
    /// Description lengths of the strategies' numbers; of those whose complexity the recording gives, anything.
    [[nodiscard]] virtual std::vector<description> descriptions(const std::vector<compressor>& by, const any_executor& execute) const = 0;
    /// What naming each seen task to within eps nats per position takes under the family's own prior, in bits, estimated from at most 64
    /// tasks; none where the family has no such mass (universality/hypothesis_mass.hpp).
    [[nodiscard]] virtual std::optional<summed_bits> bits_within(double) const { return std::nullopt; }
    /// What the strategies predict of some sequences, NaN after what they exclude.
    [[nodiscard]] virtual std::vector<predictions> predict(split split, const sequence_numbers& which,
                                                           const any_executor& execute) const = 0;
    /// visit(n, what the model predicted of those sequences) for every checkpoint n in order; of a table, for its own.
    virtual void for_each_checkpoint(split split, const sequence_numbers& which,
                                     const std::function<void(std::size_t, const predictions&)>& visit) const = 0;
    /// How well predictions of those sequences fare with what came, (sequence, event): nats, or squared errors of means.
    [[nodiscard]] virtual ndarray<double, 2> observed_losses(split split, const sequence_numbers& which, const predictions& p) const = 0;
    /// Log evidence of those ID sequences if the seen tasks were of a family in which one of the recording's `family_numbers` had another
    /// value; empty where there is no such family.
    [[nodiscard]] virtual std::vector<double> evidence_with(std::size_t number, double value, const sequence_numbers& which) const = 0;
    /// ID sequence number s, with what each strategy gives the observed outcome of every event (trace.hpp).
    [[nodiscard]] virtual sequence_trace start_trace(std::size_t s, const std::vector<predictions>& parts) const = 0;
    /// What predictions give the observed outcome of each of its events, or their mean there.
    [[nodiscard]] virtual std::vector<double> said(std::size_t s, const predictions& p) const = 0;
    /// Its memories; null where there are none.
    [[nodiscard]] virtual const memory_source* memory() const = 0;
};

/// One parameter along which memory of the seen tasks varies.
struct memory_axis_facts {
    std::string name{};                     ///< of the parameter: precision, exponent
    std::function<double(double)> value{};  ///< the parameter at a share of the axis
    std::function<double(double)> share{};  ///< the share at a value of the parameter
    bool starts_at_generalizing = false;    ///< whether share 0 is generalizing
};

/// Where a list of strategies has those that have a role.
struct strategy_roles {
    std::size_t memorizing = 0;             ///< index of M
    std::size_t generalizing = 1;           ///< index of G
    std::optional<std::size_t> constant{};  ///< index of C; none where it is not in the list
};

/// A recording to be analysed, its family forgotten.
struct recording_source {
    std::string folder{};                                    ///< where it is
    std::string name{};                                      ///< as its manifest has it
    std::string family{};                                    ///< as its manifest has it
    prediction_kind kind = prediction_kind::distribution;    ///< of its predictions
    std::vector<std::pair<std::string, double>> settings{};  ///< numbers of the manifest
    bool has_inputs = false;                                 ///< whether an observation is a pair of an input x and what it gives
    std::vector<std::pair<double, double>> schedule{};       ///< of the learning rate
    std::vector<file_read> files{};                          ///< the manifest, then each run's
    std::vector<std::string> strategies{};                   ///< names
    std::vector<std::optional<double>> programs{};           ///< bits of each strategy's program, none where not known
    std::vector<std::vector<double>> covariates{};           ///< of each run and strategy; empty where there are none
    std::vector<std::unique_ptr<run_source>> runs{};         ///< by D, then seed
    std::string excluding{};                                 ///< which of the family's parameters may exclude outcomes, in words
    bool predicts_every_event = true;                        ///< whether predictions have an axis of events
    std::vector<memory_axis_facts> memory_axes{};            ///< precision, then exponent; empty where there is no memory
    bool tempered_memories = false;                          ///< whether memories of both parameters are cheap: a sequence is one event
    bool pooled_memories = false;                            ///< whether memories also read the order of the context more or less precisely
    std::string no_memory{};                                 ///< why there is none
    std::string no_square{};                                 ///< why memory and trust are not varied together, where there is memory
    strategy_roles roles{};                                  ///< where there is memory
    std::vector<std::string> notes{};                        ///< sentences about how it was recorded
    std::vector<std::pair<std::string, double>> family_numbers{};  ///< the family's parameters that are one real number
};

}  // namespace rationale

#endif
