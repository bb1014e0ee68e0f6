// What the module knows of a family and its strategies, whose types are compiled apart: urns.cpp, chains.cpp, ...
#ifndef RATIONALE_PYTHON_PREDICTORS_HPP
#define RATIONALE_PYTHON_PREDICTORS_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/execution.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::python {

/// An array that somebody else owns: C-contiguous, aligned, of the type that its facts say.
struct array_view {
    const void* data = nullptr;
    std::vector<std::size_t> shape{};
};
/// As a family declares it: a letter an axis, and 'd' for double, 'i' and 'q' for integers of 32 and 64 bits.
struct array_facts {
    std::string name, axes;
    char type = 'd';
};
/// An array and what keeps it alive.
struct array_value {
    array_facts facts;
    array_view view;
    std::shared_ptr<const void> keeper;
};
using parameter = std::variant<bool, std::int64_t, double, std::vector<double>>;
using parameters = std::map<std::string, parameter, std::less<>>;

/// Threads of which the calling one calls `check` between parts of the work: it throws where the user wants to stop.
struct interruptible {
    std::size_t count = 1;          ///< threads; 0: as many as the hardware has
    std::function<void()> check{};  ///< may be empty
    template <class Body>
    void operator()(std::size_t n, const Body& body) const {
        threads{count}(n, [&, caller = std::this_thread::get_id()](std::size_t i) {
            body(i);
            if (check && std::this_thread::get_id() == caller) check();
        });
    }
};

/// Which strategy is wanted, and its numbers.
struct strategy_request {
    std::string kind;                 ///< memorizing, generalizing, ...
    std::vector<array_view> tasks{};  ///< seen tasks, where it has some
    std::vector<double> weights{};    ///< of these; none are uniform
    std::vector<double> precision{};  ///< kappa, one for all or one a task
    double exponent = 1;              ///< how often an observation counts; a power in copying
    std::size_t weighed = 0;          ///< order of n-grams, tokens that are matched, steps or neighbours
    std::size_t said = 0;             ///< order of the n-grams that predict
    double share = 0;                 ///< pseudo-count, share or rate
    bool in_float = false;            ///< work at an event in float, of memorizing alone
};

class strategy_handle {
public:
    strategy_handle() = default;
    strategy_handle(const strategy_handle&) = delete;
    strategy_handle& operator=(const strategy_handle&) = delete;
    virtual ~strategy_handle() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual std::vector<double> numbers() const = 0;
    [[nodiscard]] virtual std::optional<double> bits() const = 0;
    [[nodiscard]] virtual std::optional<double> program_bits() const = 0;
    [[nodiscard]] virtual predictions predict(std::span<const array_view> sequences, const interruptible& execute, bool mask) const = 0;
    [[nodiscard]] virtual ndarray<double, 2> log_evidence(std::span<const array_view> sequences, const interruptible& execute) const = 0;
    [[nodiscard]] virtual std::vector<double> posterior(std::span<const array_view> sequences, std::size_t sequence,
                                                        std::size_t event) const = 0;
};

class family_handle {
public:
    family_handle() = default;
    family_handle(const family_handle&) = delete;
    family_handle& operator=(const family_handle&) = delete;
    virtual ~family_handle() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual std::string prediction_axes() const = 0;
    [[nodiscard]] virtual parameters values() const = 0;
    [[nodiscard]] virtual std::vector<array_facts> task_arrays() const = 0;
    [[nodiscard]] virtual std::vector<array_facts> sequence_arrays() const = 0;
    [[nodiscard]] virtual std::unique_ptr<strategy_handle> make(const strategy_request& request) const = 0;
    [[nodiscard]] virtual std::vector<array_value> sample_tasks(std::size_t count, std::uint64_t seed) const = 0;
    /// Sequences, then the task of each; of seen tasks, or without any of the family's own prior.
    [[nodiscard]] virtual std::vector<array_value> sample_sequences(std::span<const array_view> tasks, const std::vector<double>& weights,
                                                                    std::size_t count, std::size_t context, std::uint64_t seed,
                                                                    std::uint64_t first) const = 0;
    [[nodiscard]] virtual loss_estimate losses(std::span<const strategy_handle* const> all, std::span<const array_view> tasks,
                                               const std::vector<double>& weights, std::size_t context, const loss_options& options,
                                               const interruptible& execute) const = 0;
};

// Null for the name of a family of another file.
std::unique_ptr<family_handle> make_urns(std::string_view name, const parameters& p);
std::unique_ptr<family_handle> make_chains(std::string_view name, const parameters& p);
std::unique_ptr<family_handle> make_regression(std::string_view name, const parameters& p);
std::unique_ptr<family_handle> make_features(std::string_view name, const parameters& p);
std::unique_ptr<family_handle> make_classification(std::string_view name, const parameters& p);

}  // namespace rationale::python

#endif
