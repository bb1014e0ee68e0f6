#ifndef RATIONALE_TASK_TOKEN_FAMILY_HPP
#define RATIONALE_TASK_TOKEN_FAMILY_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

/// Tokens of any integer type, every `stride`-th number from `first` on, where they are in memory: a sequence of a family of tokens.
template <std::integral T>
class token_view {
public:
    /// Tokens that follow one another.
    explicit token_view(std::span<const T> tokens) : token_view(tokens.data(), tokens.size()) {}
    /// So many tokens, so many numbers apart.
    token_view(const T* first, std::size_t events, std::size_t stride = 1) : first_(first), events_(events), stride_(stride) {}
    struct no_input {};
    [[nodiscard]] std::size_t events() const noexcept { return events_; }
    [[nodiscard]] no_input input(std::size_t) const noexcept { return {}; }
    /// A negative one is none of any family's outcomes.
    [[nodiscard]] std::size_t observation(std::size_t t) const noexcept { return static_cast<std::size_t>(first_[t * stride_]); }

private:
    const T* first_;
    std::size_t events_, stride_;
};

/// What families have in common whose sequences are tokens 0..K-1 and that predict the next one: derive a family F from token_family<F>.
/// Sequences are drawn, and targets made, with F's own fold of a known task (task/family.hpp), so F declares its parameters and task
/// table, and beside these no more than that fold, of which `pack`, `observe` and `extent` are here for the simplest case.
template <class F>
class token_family {
public:
    static constexpr prediction_kind kind = prediction_kind::distribution;
    static constexpr std::string_view prediction_shape = "STK";

    /// tokens (S,T).
    struct sequences {
        ndarray<std::int32_t, 2> tokens;  ///< (S,T)
        static constexpr auto fields = std::make_tuple(field{"tokens", &sequences::tokens, "ST", 'K'});
    };
    /// A sequence of them.
    using sequence_view = token_view<std::int32_t>;
    template <std::integral T>
    [[nodiscard]] static token_view<T> view_of(std::span<const T> tokens) {
        return token_view<T>(tokens);
    }
    [[nodiscard]] static sequence_view view(const sequences& q, std::size_t s) { return view_of(row(q.tokens, s)); }
    static sequence_view view(const sequences&& temporary, std::size_t s) = delete;

    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'K' ? static_cast<const F&>(*this).outcomes() : 0; }

    /// The numbers of a task's row of `tasks`, as they are.
    template <class Table>
    void pack(const Table& table, std::size_t d, double* column, std::size_t stride) const {
        for (const double number : row(table.tasks, d)) *column = number, column += stride;
    }
    /// log of what was predicted for the token that came.
    template <class Rows, class V, class Shared>
    V observe(const Rows&, V*, const Shared&, auto, const V* expected, std::size_t token) const {
        return kernel::logarithm(expected[token]);
    }

    /// Draws a task into `truth` and the tokens of sequence s from it.
    template <class Draw, class Table>
    void sample(philox& rng, Draw&& draw, sequences& q, std::size_t s, Table& truth) const {
        draw(truth, s);
        const auto tokens = row(q.tokens, s);
        follow(truth, s, tokens.size(), [&](std::size_t t, std::span<const double> p) {
            const std::size_t k = categorical(rng, p);
            tokens[t] = static_cast<std::int32_t>(k);
            return k;
        });
    }
    /// The true distribution at every event.
    template <class Table>
    void target(const Table& truth, const sequences& q, std::size_t s, std::span<double> out) const {
        const auto tokens = row(q.tokens, s);
        follow(truth, s, tokens.size(), [&](std::size_t t, std::span<const double> p) {
            std::copy(p.begin(), p.end(), out.begin() + static_cast<std::ptrdiff_t>(t * p.size()));
            return static_cast<std::size_t>(tokens[t]);
        });
    }

protected:
    /// Throws std::invalid_argument unless every row of K numbers of a task is a distribution (to 1e-6).
    template <std::size_t Rank>
    static void check_distributions(const char* where, const char* what, const ndarray<double, Rank>& all) {
        const std::size_t k = all.shape(Rank - 1), rows = all.size() / (std::max)(k * all.shape(0), std::size_t{1});
        for (std::size_t i = 0; i < all.size(); i += k) {
            double sum = 0, least = 0;
            for (double p : std::span(all.data() + i, k)) {
                sum += p;
                least = p < least || p != p ? p : least;
            }
            if (!(least >= 0) || !(std::abs(sum - 1) <= 1e-6))
                throw std::invalid_argument(std::string(where) + ": " + what + " row " + std::to_string(i / k / rows) +
                                            (Rank > 2 ? ", " + std::to_string(i / k % rows) : std::string()) + " sums to " +
                                            detail::number_text(sum) + ", must be probabilities that sum to 1");
        }
    }

private:
    /// Walks along task d: `next(t, distribution)` gives the token that comes.
    template <class Table, class Next>
    void follow(const Table& table, std::size_t d, std::size_t events, const Next& next) const {
        const F& f = static_cast<const F&>(*this);
        std::vector<double> packed(f.rows() + kernel::exact_rows(f)), expected(f.outcomes()), state;
        f.pack(table, d, packed.data(), 1);
        auto shared = f.start();
        if constexpr (requires { f.state_rows(); }) {
            state.resize(f.state_rows());
            f.begin(packed, state.data(), shared);
        }
        const typename sequence_view::no_input none;
        for (std::size_t t = 0; t < events; ++t) {
            const auto& seen = kernel::on_lanes<double>(f, none, std::as_const(shared));
            f.predict(packed, std::as_const(state).data(), std::as_const(shared), seen, [&](std::size_t k, double p) { expected[k] = p; });
            const std::size_t token = next(t, std::span<const double>(expected));
            if constexpr (requires { f.state_rows(); })
                (void)f.observe(packed, state.data(), std::as_const(shared), seen, std::as_const(expected).data(), token);
            if constexpr (requires { f.advance(shared, none, token); }) f.advance(shared, none, token);
        }
    }
};

}  // namespace rationale

#endif
