#ifndef RATIONALE_UNIVERSALITY_HYPOTHESIS_MASS_HPP
#define RATIONALE_UNIVERSALITY_HYPOTHESIS_MASS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rationale/interval.hpp"
#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/ngrams.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/strategy/parameter_grid.hpp"
#include "rationale/symmetric.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/feature_regression.hpp"
#include "rationale/task/finite_function.hpp"
#include "rationale/task/gaussian_location.hpp"
#include "rationale/task/markov_chain.hpp"
#include "rationale/universality/detail/quadratic_form.hpp"
#include "rationale/universality/task_divergence.hpp"

namespace rationale {

/// The mass that a prior gives to a set of tasks, in logarithms, as it may be no double itself.
struct prior_mass {
    double log = 0;        ///< of the mass; -inf for none
    double log_lower = 0;  ///< end below of its interval of 95 % where it was sampled; the mass itself where it is exact
    double log_upper = 0;  ///< end above

    /// What naming a task of the set takes, -log2 of the mass.
    [[nodiscard]] double bits() const noexcept { return -log / std::numbers::ln2; }
};

/// How a mass is sampled.
struct mass_options {
    std::size_t draws = 4096;  ///< tasks drawn
    std::uint64_t seed = 0;    ///< of the draws
    /// Of more tasks than so many, `bits_within` weighs so many, drawn without replacement.
    std::size_t tasks = (std::numeric_limits<std::size_t>::max)();
};

namespace detail {
/// eps in nats per position: not negative, perhaps infinite.
inline void check_tolerance(const char* where, double eps) {
    if (!(eps >= 0)) refuse(where, "eps", number_text(eps), "at least 0");
}

[[nodiscard]] inline prior_mass exact_mass(double log) noexcept {
    log = (std::min)(log, 0.0);
    return {log, log, log};
}

/// `hits` of `draws`, with Wilson's interval, which has a length where there is none or no other.
[[nodiscard]] inline prior_mass sampled_mass(std::size_t hits, std::size_t draws) noexcept {
    constexpr double z = normal_95;
    const double n = static_cast<double>(draws), p = static_cast<double>(hits) / n;
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return {std::log(p), hits == 0 ? no_mass : std::log(middle - half), hits == draws ? 0 : std::log(middle + half)};
}

/// Tasks drawn of a prior, each from a stream of its own. Throws std::invalid_argument for none.
template <task_family F, prior_for<F> P>
[[nodiscard]] typename F::task_table prior_draws(const F& family, const P& prior, const mass_options& options) {
    check_at_least("rationale::mass_options", "draws", options.draws, 1);
    typename F::task_table table;
    allocate(table, [&](char letter) { return letter == 'D' ? options.draws : family.extent(letter); });
    for (std::size_t d = 0; d < options.draws; ++d) {
        philox rng = stream(purpose::prior_draws, options.seed, d);
        prior.draw(rng, family, table, d);
    }
    return table;
}

/// Mass of R independent rows, each Dirichlet(a), within eps of the rows w, sum_r s_r KL(w_r || u_r) <= eps with shares s of rows. An urn
/// is one row. It is the mean over draws of u, u_r ~ Dirichlet(a + m s_r w_r), of
///
///   [sum_r s_r KL(w_r || u_r) <= eps] prod_r B(a + m s_r w_r)/B(a) exp(m s_r (KL(w_r || u_r) + H(w_r))),
///
/// where the factors are what one density is of the other. That is bounded on the set, and m is R(K-1)/(2 eps), doubled until one draw in
/// twenty hits it, so that the mean has a small error however small the mass is. Its interval is Gaussian, and ends no lower than what as
/// many draws without a hit would leave open. eps is finite and not negative.
[[nodiscard]] inline prior_mass sampled_rows_mass(std::span<const double> a, std::span<const double> w, std::span<const double> share,
                                                  double eps, const mass_options& options) {
    check_at_least("rationale::mass_options", "draws", options.draws, 1);
    if (eps == 0) return exact_mass(no_mass);
    const std::size_t K = a.size(), R = share.size();
    double entropy = 0;
    for (std::size_t i = 0; i < w.size(); ++i) entropy -= w[i] > 0 ? share[i / K] * w[i] * std::log(w[i]) : 0;
    std::vector<double> about(w.size()), u(K);
    const double draws = static_cast<double>(options.draws);
    for (double times = 0.5 * static_cast<double>(R * (K - 1)) / eps;; times *= 2) {
        double log_ratio = times * (entropy + eps);  // the largest on the set
        for (std::size_t r = 0; r < R; ++r) {
            double before = 0, after = 0;
            for (std::size_t k = 0; k < K; ++k) {
                const double of = about[r * K + k] = a[k] + times * share[r] * w[r * K + k];
                before += a[k], after += of, log_ratio += log_gamma(of) - log_gamma(a[k]);
            }
            log_ratio += log_gamma(before) - log_gamma(after);
        }
        double hits = 0, mean = 0, squares = 0;
        for (std::size_t d = 0; d < options.draws; ++d) {
            philox rng = stream(purpose::prior_draws, options.seed, d);
            double kl = -entropy;
            for (std::size_t r = 0; r < R; ++r) {
                sample_dirichlet(rng, std::span(about).subspan(r * K, K), u);
                for (std::size_t k = 0; k < K; ++k)
                    if (const double x = share[r] * w[r * K + k]; x > 0) kl -= x * std::log(u[k]);
            }
            if (!(kl <= eps)) continue;
            const double ratio = std::exp(times * (kl - eps));
            ++hits, mean += ratio / draws, squares += ratio * ratio / draws;
        }
        if (hits < 0.05 * draws && times * eps < 1e6) continue;
        constexpr double z = normal_95;
        const double half = z * std::sqrt((std::max)(0.0, squares - mean * mean) / draws);
        const auto at = [log_ratio](double x) { return x > 0 ? (std::min)(0.0, log_ratio + std::log(x)) : no_mass; };
        return {at(mean), at(mean - half), at((std::max)(mean + half, hits > 0 ? 0 : z * z / (draws + z * z)))};
    }
}

/// How often each row of a chain is read, far along it: the stationary distribution over its last m tokens. O(K^3m).
[[nodiscard]] inline std::vector<double> shares_of_rows(std::span<const double> chain, std::size_t K) {
    const std::size_t R = chain.size() / K;
    std::vector<double> p(R * R);
    for (std::size_t r = 0; r < R; ++r)
        for (std::size_t k = 0; k < K; ++k) p[r * R + (r * K + k) % R] += chain[r * K + k];
    return stationary_distribution(std::move(p), R);
}

/// log(1 + e^z).
[[nodiscard]] inline double softplus(double z) noexcept { return (std::max)(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }

/// The part of [low, high] outside of which a function with one peak is below e^-45 of it: its logarithm is looked at in 64 places, and
/// again in the half or less that is left.
template <class Function>
[[nodiscard]] std::pair<double, double> around_peak(double low, double high, const Function& log_of) {
    constexpr int places = 64;
    for (;;) {
        const double step = (high - low) / places;
        std::array<double, places + 1> at;
        for (int i = 0; i <= places; ++i) at[static_cast<std::size_t>(i)] = log_of(low + i * step);
        const double least = *std::max_element(at.begin(), at.end()) - 45;
        const auto counts = [least](double x) { return x > least; };
        const auto first = std::find_if(at.begin(), at.end(), counts) - at.begin();
        const auto after = at.rend() - std::find_if(at.rbegin(), at.rend(), counts);
        if (!(std::isfinite(least)) || after - first >= places / 2) return {low, high};
        const double from = low;
        low = (std::max)(low, from + static_cast<double>(first - 1) * step);
        high = (std::min)(high, from + static_cast<double>(after) * step);
    }
}

/// log of the probability that Beta(a, b) has its logit between two ends, which may be infinite: Gauss and Legendre's quadrature of
/// exp(a z)/((1+e^z)^(a+b) B(a,b)), which is log-concave and has no singularity, around its peak. Where it is exp(a z)/B(a,b) to rounding,
/// or exp(-b z)/B(a,b), the integral is closed, however long.
[[nodiscard]] inline double log_beta_probability(double a, double b, double from, double to) {
    if (!(from < to)) return no_mass;
    const double closed = 40 + std::log1p(a + b);
    const auto log_of_tail = [](double rate, double low, double high) {  // of the integral of exp(rate z)
        return rate * high + std::log(-std::expm1(rate * (low - high))) - std::log(rate);
    };
    double log = no_mass;
    if (from < -closed) log = log_of_tail(a, from, (std::min)(to, -closed));
    if (to > closed) log = log_add(log, log_of_tail(b, -to, (std::min)(-from, -closed)));
    if (const double low = (std::max)(from, -closed), high = (std::min)(to, closed); low < high) {
        const auto log_density = [a, b](double z) { return a * z - (a + b) * softplus(z); };
        const auto [left, right] = around_peak(low, high, log_density);
        const double most = log_density(std::clamp(std::log(a / b), left, right)), panels = std::ceil((std::max)(32.0, right - left));
        const parameter_grid grid = gauss_legendre(16);
        double sum = 0;
        for (double panel = 0; panel < panels; ++panel)
            for (std::size_t i = 0; i < grid.size(); ++i)
                sum += grid.width[i] * std::exp(log_density(left + (right - left) * (panel + grid.value[i]) / panels) - most);
        log = log_add(log, most + std::log(sum * (right - left) / panels));
    }
    return log + log_gamma(a + b) - log_gamma(a) - log_gamma(b);
}

/// KL(p || q) of two coins, p at most 1/2, where logit q is that of p and d: log(1 + p (e^d - 1)) - p d, by its series where that is small.
[[nodiscard]] inline double divergence_of_logits(double p, double d) noexcept {
    if (std::abs(d) >= 0.01) return std::log1p(p * std::expm1(d)) - p * d;
    const double v = p * (1 - p), skew = 1 - 2 * p;  // the Bernoulli distribution's cumulants
    return v * d * d *
           (1. / 2 + d * (skew / 6 + d * ((1 - 6 * v) / 24 + d * (skew * (1 - 12 * v) / 120 + d * (1 - 30 * v + 120 * v * v) / 720))));
}

/// The logit z at which KL(p || logistic(z)) rises above eps, below (-1) and above (1) logit p.
[[nodiscard]] inline double binary_divergence_reaches(double p, double eps, double direction) noexcept {
    if (p > 0.5) return -binary_divergence_reaches(1 - p, eps, -direction);
    if (p == 0) return direction < 0 ? -std::numeric_limits<double>::infinity() : std::log(std::expm1(eps));
    const double middle = std::log(p) - std::log1p(-p);
    if (eps == 0) return middle;
    double inside = 0, outside = 1;
    while (divergence_of_logits(p, direction * outside) <= eps) inside = outside, outside *= 2;
    for (int halving = 0; halving < 200; ++halving) {
        const double half = 0.5 * (inside + outside);
        if (half == inside || half == outside) break;
        (divergence_of_logits(p, direction * half) <= eps ? inside : outside) = half;
    }
    return middle + direction * inside;
}
}  // namespace detail

/// The weight of a hypothesis (arXiv 2506.07661): the prior mass of the tasks w_d with KL(hypothesis || w_d) <= eps nats per position, of
/// finitely many tasks, exactly. `divergence` has these, of `task_divergence` for instance; `weight` sums to 1. O(D).
[[nodiscard]] inline prior_mass mass_within(std::span<const double> divergence, std::span<const double> weight, double eps) {
    detail::check_size("rationale::mass_within", "weight", weight.size(), divergence.size());
    detail::check_tolerance("rationale::mass_within", eps);
    double mass = 0;
    for (std::size_t d = 0; d < divergence.size(); ++d) mass += divergence[d] <= eps ? weight[d] : 0;
    return detail::exact_mass(std::log(mass));
}

/// The same under any prior, from tasks drawn of it: how many of `draws` lie within eps of row i of `from`, with an interval. Draws depend
/// on the seed alone. O(draws).
template <comparable_tasks F, prior_for<F> P>
[[nodiscard]] prior_mass sampled_mass_within(const F& family, const P& prior, const typename F::task_table& from, std::size_t i, double eps,
                                             const mass_options& options = {}) {
    detail::check_tolerance("rationale::sampled_mass_within", eps);
    const auto kl = divergences_from(task_divergence<F>(family, detail::prior_draws(family, prior, options)), from, i);
    return detail::sampled_mass(static_cast<std::size_t>(std::count_if(kl.begin(), kl.end(), [eps](double x) { return x <= eps; })),
                                options.draws);
}

/// Dirichlet(a) about the urn `from` of row i. Two categories: the urns within eps are an interval, whose mass is integrated to 1e-11 of
/// itself, or to what the digits of its ends are worth, 1e-16/sqrt(eps). More: sampled by importance, which does for masses that no draw of
/// the prior would meet.
template <std::size_t K>
[[nodiscard]] prior_mass mass_within(const balls_and_urns<K>& family, const dirichlet& prior,
                                     const typename balls_and_urns<K>::task_table& from, std::size_t i, double eps,
                                     const mass_options& options = {}) {
    detail::check_size("rationale::mass_within", "concentration", prior.concentration().size(), family.outcomes());
    detail::check_task("rationale::mass_within", from.tasks, i, family.outcomes());
    detail::check_tolerance("rationale::mass_within", eps);
    if (std::isinf(eps)) return detail::exact_mass(0);
    if (family.outcomes() != 2) return detail::sampled_rows_mass(prior.concentration(), row(from.tasks, i), std::array{1.0}, eps, options);
    const double p = from.tasks(i, 0);
    return detail::exact_mass(detail::log_beta_probability(prior.concentration()[0], prior.concentration()[1],
                                                           detail::binary_divergence_reaches(p, eps, -1),
                                                           detail::binary_divergence_reaches(p, eps, 1)));
}

/// Rows that are Dirichlet about the chain of row i: sampled by importance. The divergence is the mean over positions far along the chain,
/// each row's by how often it is read. O(K^3m) beside the draws.
template <std::size_t K, std::size_t M>
[[nodiscard]] prior_mass mass_within(const markov_chain<K, M>& family, const dirichlet_rows<>& prior,
                                     const typename markov_chain<K, M>::task_table& from, std::size_t i, double eps,
                                     const mass_options& options = {}) {
    constexpr const char* where = "rationale::mass_within";
    detail::check_size(where, "concentration", prior.concentration().size(), family.outcomes());
    check_fields(where, from, [&](char letter) { return family.extent(letter); });
    detail::check_index(where, "the task", i, from.tasks.shape(0));
    detail::check_tolerance(where, eps);
    if (std::isinf(eps)) return detail::exact_mass(0);
    const auto chain = row(from.tasks, i);
    return detail::sampled_rows_mass(prior.concentration(), chain, detail::shares_of_rows(chain, family.outcomes()), eps, options);
}

namespace detail {
/// P(|w - center|^2 <= square) of w ~ N(mean, covariance), the covariance d x d. O(d^3).
[[nodiscard]] inline prior_mass ball_mass(std::vector<double> covariance, std::span<const double> mean, std::span<const double> center,
                                          double square) {
    const std::size_t d = mean.size();
    std::vector<double> vectors(d * d), scale(d), offset(d);
    for (std::size_t i = 0; i < d; ++i) vectors[i * d + i] = 1;
    diagonalise(covariance, d, &vectors);
    for (std::size_t i = 0; i < d; ++i) {
        scale[i] = covariance[i * d + i];
        for (std::size_t j = 0; j < d; ++j) offset[i] += vectors[i * d + j] * (mean[j] - center[j]) / std::sqrt(scale[i]);
    }
    const auto found = quadratic_form_probability(scale, offset, square);
    return {found.lower, found.lower, found.upper};
}
}  // namespace detail

/// A Gaussian about the weight vector `from` of row i, exactly: the ball |w - w'|^2 <= 2 noise_variance eps/input_variance, the probability
/// of a quadratic form, of one covariance for all coordinates a noncentral chi-square one.
template <std::size_t Dimensions>
[[nodiscard]] prior_mass mass_within(const linear_regression<Dimensions>& family, const gaussian& prior,
                                     const typename linear_regression<Dimensions>::task_table& from, std::size_t i, double eps,
                                     const mass_options& = {}) {
    detail::check_task("rationale::mass_within", from.tasks, i, prior.mean().size());
    detail::check_tolerance("rationale::mass_within", eps);
    const auto w = row(from.tasks, i);
    return detail::ball_mass(prior.covariance().matrix(), prior.mean(), w,
                             2 * family.noise_variance() * eps / family.values().input_variance);
}

/// Weights of features lie within eps where the mean square of a difference of functions is small, which is no ball: there is none.
template <class Basis>
prior_mass mass_within(const feature_regression<Basis>&, const gaussian&, const typename feature_regression<Basis>::task_table&,
                       std::size_t, double, const mass_options& = {}) = delete;

/// A Gaussian about the item of row i, with its label, which is one of L: exactly. The divergence is that of a shown example of the item,
/// |z - z'|^2/(2 within_class_variance item_variance).
template <std::size_t Dimensions, std::size_t Labels>
[[nodiscard]] prior_mass mass_within(const classification<Dimensions, Labels>& family, const gaussian& prior,
                                     const typename classification<Dimensions, Labels>::task_table& from, std::size_t i, double eps,
                                     const mass_options& = {}) {
    detail::check_task("rationale::mass_within", from.tasks, i, prior.mean().size());
    detail::check_tolerance("rationale::mass_within", eps);
    const auto item = detail::ball_mass(prior.covariance().matrix(), prior.mean(), row(from.tasks, i),
                                        2 * family.within_class_variance() * family.item_variance() * eps);
    const double label = std::log(static_cast<double>(family.outcomes()));
    return {item.log - label, item.log_lower - label, item.log_upper - label};
}

/// Every function as likely as any other: those that differ from row i in so few inputs, sum_j C(I, j) (K-1)^j/K^I over
/// j <= eps I/((hit - miss) log(hit/miss)), exactly. O(I).
template <std::size_t K>
[[nodiscard]] prior_mass mass_within(const finite_function<K>& family, const every_function&,
                                     const typename finite_function<K>::task_table& from, std::size_t i, double eps,
                                     const mass_options& = {}) {
    const std::size_t inputs = family.extent('I');
    detail::check_task("rationale::mass_within", from.tasks, i, inputs);
    detail::check_tolerance("rationale::mass_within", eps);
    if (std::isinf(eps)) return detail::exact_mass(0);
    const double all = static_cast<double>(inputs), outputs = static_cast<double>(family.outcomes());
    const double of_an_input = (family.hit() - family.miss()) * std::log(family.hit() / family.miss());
    double log = detail::no_mass;
    for (double j = 0; j <= all && (j == 0 || j / all * of_an_input <= eps); ++j) {
        const double others = j == 0 ? 0 : j * std::log(outputs - 1);
        log = detail::log_add(log, detail::log_gamma(all + 1) - detail::log_gamma(j + 1) - detail::log_gamma(all - j + 1) + others);
    }
    return detail::exact_mass(log - all * std::log(outputs));
}

namespace detail {
/// s + e^-s - 1, by its series where that is small.
[[nodiscard]] inline double beyond_line(double s) noexcept {
    if (std::abs(s) >= 0.01) return s + std::expm1(-s);
    return s * s * (1. / 2 - s * (1. / 6 - s * (1. / 24 - s * (1. / 120 - s / 720))));
}
/// The s below (-1) or above (1) 0 at which s + e^-s - 1 = square.
[[nodiscard]] inline double log_variance_reaches(double square, double direction) noexcept {
    if (square == 0) return 0;
    double inside = 0, outside = direction;
    while (beyond_line(outside) <= square) inside = outside, outside *= 2;
    for (double half = 0.5 * (inside + outside); half != inside && half != outside; half = 0.5 * (inside + outside))
        (beyond_line(half) <= square ? inside : outside) = half;
    return inside;
}
/// P(low <= z <= high) of z ~ N(0, 1), to rounding of itself.
[[nodiscard]] inline double normal_probability(double low, double high) noexcept {
    if (low < 0 && high > 0) return 0.5 * (std::erf(high / std::numbers::sqrt2) - std::erf(low / std::numbers::sqrt2));
    if (high <= 0) std::swap(low, high), low = -low, high = -high;
    return 0.5 * (std::erfc(low / std::numbers::sqrt2) - std::erfc(high / std::numbers::sqrt2));
}
}  // namespace detail

/// A normal-inverse-gamma about the task of row i, of mean m and variance v, to 1e-10 of itself: for each variance v_d the means within
/// (m - m_d)^2 <= v_d (2 eps - log(v_d/v) - v/v_d + 1), a Gaussian probability, which is integrated over log v_d, or taken at the known
/// one.
[[nodiscard]] inline prior_mass mass_within(const gaussian_location& family, const normal_inverse_gamma& prior,
                                            const gaussian_location::task_table& from, std::size_t i, double eps,
                                            const mass_options& = {}) {
    check_fields("rationale::mass_within", from, [&](char letter) { return family.extent(letter); });
    detail::check_index("rationale::mass_within", "the task", i, from.tasks.shape(0));
    detail::check_tolerance("rationale::mass_within", eps);
    if (std::isinf(eps)) return detail::exact_mass(0);
    const detail::location_belief belief(prior.values());
    const double mean = from.tasks(i, 0), variance = from.tasks(i, 1);
    const auto of_means = [&](double s) {  // at the variance e^s times the task's
        const double here = variance * std::exp(s), radius = std::sqrt(here * (std::max)(0.0, 2 * eps - detail::beyond_line(s)));
        const double spread = std::sqrt(here / belief.strength);
        return detail::normal_probability((mean - radius - belief.mean) / spread, (mean + radius - belief.mean) / spread);
    };
    if (std::isinf(belief.shape)) {
        const double s = std::log(belief.scale / variance);
        return detail::exact_mass(detail::beyond_line(s) <= 2 * eps ? std::log(of_means(s)) : detail::no_mass);
    }
    const double shape = belief.shape, rate = shape * belief.scale / variance;  // of v/v_d, which is Gamma(shape, rate)
    const auto log_density = [&](double s) { return -shape * s - rate * std::exp(-s); };
    const auto [low, high] = detail::around_peak(detail::log_variance_reaches(2 * eps, -1), detail::log_variance_reaches(2 * eps, 1),
                                                 [&](double s) { return log_density(s) + std::log(of_means(s)); });
    const double most = log_density(std::clamp(std::log(rate / shape), low, high));
    // s = middle + half sin(angle): the means' radius falls as the cosine at both ends.
    const parameter_grid grid = gauss_legendre(16);
    constexpr int panels = 64;
    double sum = 0;
    for (int panel = 0; panel < panels; ++panel)
        for (std::size_t node = 0; node < grid.size(); ++node) {
            const double angle = std::numbers::pi * ((panel + grid.value[node]) / panels - 0.5);
            const double s = 0.5 * (low + high) + 0.5 * (high - low) * std::sin(angle);
            sum += grid.width[node] * std::cos(angle) * std::exp(log_density(s) - most) * of_means(s);
        }
    sum *= 0.5 * (high - low) * std::numbers::pi / panels;
    return detail::exact_mass(most + std::log(sum) + shape * std::log(rate) - detail::log_gamma(shape));
}

/// Families with the mass of their own prior about a task that no plain draw of the prior needs to meet.
template <class F>
concept weighed_tasks = requires(const F& f, const typename F::task_table& table, const mass_options& options) {
    { mass_within(f, own_prior(f), table, std::size_t{}, double{}, options) } -> std::same_as<prior_mass>;
};

/// Bits that were summed up over tasks, or over some of them.
struct summed_bits {
    double bits = 0;            ///< of all tasks
    double standard_error = 0;  ///< from the choice of tasks, and from their masses where these are sampled
};

/// What it takes to remember tasks to within eps nats per position: for each what naming one within eps under the prior takes,
/// sum_d -log2 mass(KL(w_d || w) <= eps). A complexity of the memorizing strategy that has no compressor, beside the description length of
/// its numbers (complexity/complexities.hpp). Of more than `options.tasks` tasks so many are drawn and stand for all: with a share f of n
/// tasks the square of the error is D^2 (1-f) s^2/n + sum of the masses' own/f, s^2 the variance over tasks. A task's own draws are
/// independent of the others'. One mass for each task.
template <task_family F, prior_for<F> P>
    requires(weighed_tasks<F> || comparable_tasks<F>)
[[nodiscard]] summed_bits bits_within(const F& family, const P& prior, const seen_tasks<F>& seen, double eps, mass_options options = {}) {
    detail::check_at_least("rationale::mass_options", "tasks", options.tasks, 1);
    const std::uint64_t seed = options.seed;
    const auto all = static_cast<double>(seen.size()), n = (std::min)(all, static_cast<double>(options.tasks));
    philox choice = stream(purpose::weighed_tasks, seed);
    std::vector<double> bits;
    double sampled = 0;
    for (std::size_t d = 0; d < seen.size(); ++d) {
        if (uniform(choice) * (all - static_cast<double>(d)) >= n - static_cast<double>(bits.size())) continue;
        options.seed = seed + d;
        prior_mass mass;
        if constexpr (requires { mass_within(family, prior, seen.table(), d, eps, options); })
            mass = mass_within(family, prior, seen.table(), d, eps, options);
        else mass = sampled_mass_within(family, prior, seen.table(), d, eps, options);
        bits.push_back(mass.bits());
        const double error = (mass.log_upper - mass.log_lower) / (2 * normal_95 * std::numbers::ln2);
        sampled += error * error;
    }
    const double mean = std::accumulate(bits.begin(), bits.end(), 0.0) / n;
    double squares = 0;
    for (const double of_task : bits) squares += (of_task - mean) * (of_task - mean);
    const double chosen = n < all ? all * all * (1 - n / all) * squares / (n - 1) / n : 0;
    return {all * mean, std::sqrt(chosen + all / n * sampled)};
}

}  // namespace rationale

#endif
