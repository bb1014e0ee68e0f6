#ifndef RATIONALE_STRATEGY_ANY_STRATEGY_HPP
#define RATIONALE_STRATEGY_ANY_STRATEGY_HPP

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/prior/seen_tasks.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/strategy.hpp"

namespace rationale {

/// A strategy of family F whose type is forgotten, itself a strategy: strategies that are chosen at run time, and many of one kind, are a
/// std::vector of these. Copies share the strategy. It predicts what the strategy does, bit for bit; a call costs a virtual one for all
/// sequences together.
template <class F>
class any_strategy {
    static_assert(task_family<F>, "rationale::any_strategy<F>: F must be a task family, see rationale/task/family.hpp");

public:
    /// Holds a strategy of F. Implicit, so that a list of different ones can be written down.
    template <class S>
        requires(!std::same_as<S, any_strategy> && strategy<S> && std::same_as<detail::family_of<S>, F>)
    any_strategy(S s) : held_(std::make_shared<const holder<S>>(std::move(s))) {}

    [[nodiscard]] const F& family() const noexcept { return held_->family; }
    [[nodiscard]] std::string_view name() const { return held_->name(); }
    [[nodiscard]] std::vector<double> numbers() const { return held_->numbers(); }
    /// What storing its numbers takes, in bits, where the strategy says it; otherwise that is their description length.
    [[nodiscard]] std::optional<double> bits() const { return held_->bits(); }
    /// The length of its program in bits, where it is known: strategy/program.hpp.
    [[nodiscard]] std::optional<double> program_length() const noexcept { return held_->program; }
    /// Expected loss on sequences of seen tasks, in nats per position, where there is a closed form.
    template <std::same_as<seen_tasks<F>> Tasks>
    [[nodiscard]] std::optional<double> expected_loss(const Tasks& tasks, std::size_t context) const {
        return held_->expected_loss(tasks, context);
    }

    void predict_sequence(const detail::view_of<F>& view, std::span<double> values, std::span<double> log_evidence) const {
        held_->predict(
            1, [&](std::size_t) { return view; }, [&](std::size_t) { return values; }, [&](std::size_t) { return log_evidence; },
            sequential{});
    }
    template <class View, class Values, class Evidence>
    void predict_sequences(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence,
                           const any_executor& execute = sequential{}) const {
        held_->predict(count, view, values, log_evidence, execute);
    }
    template <class View, class Evidence>
    void log_evidences(std::size_t count, const View& view, const Evidence& log_evidence,
                       const any_executor& execute = sequential{}) const {
        held_->log_evidences(count, view, log_evidence, execute);
    }

private:
    using views = std::function<detail::view_of<F>(std::size_t)>;
    using rows = std::function<std::span<double>(std::size_t)>;

    struct held_strategy {
        held_strategy(const F& f, std::optional<double> program_bits_of) : family(f), program(program_bits_of) {}
        held_strategy(const held_strategy&) = delete;
        held_strategy& operator=(const held_strategy&) = delete;
        virtual ~held_strategy() = default;
        [[nodiscard]] virtual std::string_view name() const = 0;
        [[nodiscard]] virtual std::vector<double> numbers() const = 0;
        [[nodiscard]] virtual std::optional<double> bits() const = 0;
        [[nodiscard]] virtual std::optional<double> expected_loss(const seen_tasks<F>& tasks, std::size_t context) const = 0;
        virtual void predict(std::size_t count, const views& view, const rows& values, const rows& log_evidence,
                             const any_executor& execute) const = 0;
        virtual void log_evidences(std::size_t count, const views& view, const rows& log_evidence, const any_executor& execute) const = 0;

        F family;
        std::optional<double> program;
    };

    template <class S>
    struct holder final : held_strategy {
        explicit holder(S s) : held_strategy(s.family(), rationale::program_length(s)), of(std::move(s)) {}
        [[nodiscard]] std::string_view name() const override { return of.name(); }
        [[nodiscard]] std::vector<double> numbers() const override { return of.numbers(); }
        [[nodiscard]] std::optional<double> bits() const override {
            if constexpr (requires { of.bits(); }) return of.bits();
            else return std::nullopt;
        }
        [[nodiscard]] std::optional<double> expected_loss([[maybe_unused]] const seen_tasks<F>& tasks,
                                                          [[maybe_unused]] std::size_t context) const override {
            if constexpr (point_family<F>) {
                if constexpr (requires { of.expected_loss(tasks, context); }) return of.expected_loss(tasks, context);
            }
            return std::nullopt;
        }
        void predict(std::size_t count, const views& view, const rows& values, const rows& log_evidence,
                     const any_executor& execute) const override {
            detail::predict_sequences(of, count, view, values, log_evidence, execute);
        }
        void log_evidences(std::size_t count, const views& view, const rows& log_evidence, const any_executor& execute) const override {
            detail::log_evidences(of, count, view, log_evidence, execute);
        }

        S of;
    };

    std::shared_ptr<const held_strategy> held_;
};

}  // namespace rationale

#endif
