#ifndef RATIONALE_LEARNER_JET_HPP
#define RATIONALE_LEARNER_JET_HPP

#include <array>
#include <cmath>
#include <cstddef>

namespace rationale {

/// A number with its gradient and Hessian with respect to P variables (forward-mode differentiation, second order), so that a law's formula
/// is written once and a fit has its exact derivatives. An operation costs O(P^2).
template <std::size_t P>
struct jet {
    double value = 0;
    std::array<double, P> gradient{};
    std::array<double, P * P> hessian{};

    jet() = default;
    jet(double constant) : value(constant) {}  // implicit, as a constant is in a formula
    /// Variable number `which`.
    static jet variable(double value, std::size_t which) {
        jet out(value);
        out.gradient[which] = 1;
        return out;
    }

    /// f(x), given f, f' and f'' at the value.
    [[nodiscard]] jet chain(double f, double df, double ddf) const {
        jet out(f);
        for (std::size_t i = 0; i < P; ++i) out.gradient[i] = df * gradient[i];
        for (std::size_t i = 0; i < P; ++i)
            for (std::size_t j = 0; j < P; ++j) out.hessian[i * P + j] = df * hessian[i * P + j] + ddf * gradient[i] * gradient[j];
        return out;
    }

    friend jet operator+(jet a, const jet& b) {
        a.value += b.value;
        for (std::size_t i = 0; i < P; ++i) a.gradient[i] += b.gradient[i];
        for (std::size_t i = 0; i < P * P; ++i) a.hessian[i] += b.hessian[i];
        return a;
    }
    friend jet operator*(const jet& a, const jet& b) {
        jet out(a.value * b.value);
        for (std::size_t i = 0; i < P; ++i) out.gradient[i] = a.value * b.gradient[i] + b.value * a.gradient[i];
        for (std::size_t i = 0; i < P; ++i)
            for (std::size_t j = 0; j < P; ++j)
                out.hessian[i * P + j] = a.value * b.hessian[i * P + j] + b.value * a.hessian[i * P + j] + a.gradient[i] * b.gradient[j] +
                                         b.gradient[i] * a.gradient[j];
        return out;
    }
    friend jet operator-(const jet& a) { return a.chain(-a.value, -1, 0); }
    friend jet operator-(const jet& a, const jet& b) { return a + -b; }
    friend jet operator/(const jet& a, const jet& b) {
        return a * b.chain(1 / b.value, -1 / (b.value * b.value), 2 / (b.value * b.value * b.value));
    }
    jet& operator+=(const jet& b) { return *this = *this + b; }
    jet& operator-=(const jet& b) { return *this = *this - b; }
    jet& operator*=(const jet& b) { return *this = *this * b; }
    jet& operator/=(const jet& b) { return *this = *this / b; }
    // By value alone.
    friend bool operator<(const jet& a, const jet& b) { return a.value < b.value; }
    friend bool operator>(const jet& a, const jet& b) { return a.value > b.value; }
    friend jet exp(const jet& a) {
        const double e = std::exp(a.value);
        return a.chain(e, e, e);
    }
    friend jet log(const jet& a) { return a.chain(std::log(a.value), 1 / a.value, -1 / (a.value * a.value)); }
    friend jet log1p(const jet& a) {
        const double d = 1 / (1 + a.value);
        return a.chain(std::log1p(a.value), d, -d * d);
    }
    friend jet expm1(const jet& a) {
        const double e = std::exp(a.value);
        return a.chain(std::expm1(a.value), e, e);
    }
    friend jet sqrt(const jet& a) {
        const double root = std::sqrt(a.value);
        return a.chain(root, .5 / root, -.25 / (a.value * root));
    }
    friend jet tanh(const jet& a) {
        const double t = std::tanh(a.value);
        return a.chain(t, 1 - t * t, -2 * t * (1 - t * t));
    }
    /// a^b for a > 0.
    friend jet pow(const jet& a, const jet& b) { return exp(b * log(a)); }
};

}  // namespace rationale

#endif
