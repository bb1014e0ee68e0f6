// Small recordings at random, of several families, with everything extreme that a recording may hold, and every option of the program: it
// ends soon, says what it found or in one sentence why it cannot, and never writes a number that is none.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <random>
#include <regex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/prior/features.hpp"
#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/rationale.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "support/effort.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

using namespace rationale;
using namespace rationale_test;

namespace {

/// Choices at random, the same on every system.
class chance {
public:
    explicit chance(std::uint64_t seed) : bits_(seed) {}
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(bits_() % n); }
    bool once_in(std::size_t n) { return below(n) == 0; }
    double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
    double normal() { return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(6.283185307179586 * uniform()); }
    template <class T>
    T one_of(std::initializer_list<T> all) {
        return all.begin()[below(all.size())];
    }
    double variance() { return once_in(2) ? 1 : one_of({1e-20, 1e-12, 1e-4, 1e4, 1e12, 1e20}); }
    double concentration() { return once_in(2) ? 1 : one_of({1e-300, 1e-10, 1e-2, 0.5, 30., 1e6, 1e300}); }

private:
    std::mt19937_64 bits_;
};

template <class F>
struct maker;
template <>
struct maker<balls_and_urns<>> {
    static auto make(chance& c) {
        const std::size_t k = 1 + c.below(4);
        std::vector<double> a{c.concentration()};
        if (c.once_in(3)) a.assign(k, c.concentration()), a[0] = 1;
        return balls_and_urns<>({.categories = k, .concentration = a});
    }
};
template <>
struct maker<linear_regression<>> {
    static auto make(chance& c) {
        linear_regression<>::parameters p{.dimensions = 1 + c.below(3)};
        if (c.once_in(2)) p.noise_variance = c.variance();
        p.task_variance = c.variance(), p.input_variance = c.variance();
        if (c.once_in(3)) p.task_mean = {c.one_of({1., -1e6, 1e-9})};
        return linear_regression<>(p);
    }
};
template <>
struct maker<markov_chain<>> {
    static auto make(chance& c) {
        return markov_chain<>(
            {.categories = 1 + c.below(3), .order = c.below(3), .concentration = {c.concentration()}, .stationary_start = c.once_in(2)});
    }
};
template <>
struct maker<finite_function<>> {
    static auto make(chance& c) {
        return finite_function<>({.inputs = 1 + c.below(3), .outputs = 1 + c.below(3), .noise = c.one_of({0., 0., 1e-12, 0.1, 1.})});
    }
};
template <>
struct maker<gaussian_location> {
    static auto make(chance& c) {
        gaussian_location::parameters p{.mean = c.one_of({0., 0., 1e9}), .strength = c.variance(), .noise_variance = c.variance()};
        if (c.once_in(2)) p.shape = c.one_of({1.0001, 3., 1e9});
        return gaussian_location(p);
    }
};
template <>
struct maker<classification<>> {
    static auto make(chance& c) {
        classification<>::parameters p{.dimensions = 1 + c.below(3), .labels = 1 + c.below(3)};
        p.item_variance = c.variance(), p.within_class_variance = c.variance();
        p.label_noise = c.one_of({0., 2e-5, 0.1, 1.});
        return classification<>(p);
    }
};
template <>
struct maker<hidden_markov<>> {
    static auto make(chance& c) {
        return hidden_markov<>({.categories = 1 + c.below(3),
                                .states = 1 + c.below(2),
                                .concentration = c.concentration(),
                                .transition_concentration = c.concentration()});
    }
};
template <class Basis>
struct maker<feature_regression<Basis>> {
    static auto make(chance& c) {
        typename feature_regression<Basis>::parameters p{.dimensions = 1 + c.below(2), .degree = 1 + c.below(3)};
        if (c.once_in(2)) p.noise_variance = c.variance();
        p.task_variance = c.variance(), p.input_variance = c.variance();
        return feature_regression<Basis>(p);
    }
};
/// Distributions of which some are certain, some have zeros, and some are what they were.
void spoil(chance& c, std::span<double> all, std::size_t outcomes) {
    for (std::size_t i = 0; i + outcomes <= all.size(); i += outcomes) {
        const auto p = all.subspan(i, outcomes);
        const std::size_t kind = c.below(3), at = c.below(outcomes);
        if (kind == 0) std::fill(p.begin(), p.end(), 0.), p[at] = 1;
        if (kind == 1 && outcomes > 1 && p[at] < 0.9) {
            const double rest = 1 - p[at];
            for (double& x : p) x /= rest;
            p[at] = 0;
        }
    }
}

/// What a network might predict: softmax of logits of any size, so that float32 has exact zeros and ones; or means.
predictions at_random(chance& c, prediction_kind kind, std::array<std::size_t, 3> shape, double scale) {
    predictions out{kind, filled<double, 3>(shape, 0.0), {}};
    const double size = c.one_of({0., 0.1, 3., 300.}), constant = c.normal();
    for (std::size_t i = 0; i < out.values.size(); i += shape[2]) {
        const std::span p(out.values.data() + i, shape[2]);
        if (kind == prediction_kind::mean) {
            for (double& x : p) x = scale * (size > 1 ? c.normal() : size > 0 ? constant : 0);
            continue;
        }
        double sum = 0;
        for (double& x : p) sum += x = std::exp(-size * c.uniform());
        for (double& x : p) x /= sum;
    }
    return out;
}

template <class F>
void write_recording(chance& c, const std::filesystem::path& folder) {
    const F family = maker<F>::make(c);
    recording_writer<F> writer(folder, "sweep", family);
    const std::size_t runs = 1 + c.below(5), context = 1 + c.below(8), sequences = 1 + c.below(6), spoiling = c.below(3);
    std::vector<std::int64_t> steps{static_cast<std::int64_t>(1 + c.below(20))};
    for (std::size_t n = c.below(6); n > 0; --n) steps.push_back(steps.back() + 1 + static_cast<std::int64_t>(c.below(2000)));
    const bool ood = !c.once_in(4);
    for (std::size_t run = 0; run < runs; ++run) {
        run_record<F> r;
        r.table = sample_tasks(family, own_prior(family), c.once_in(6) ? 1 : (1 + c.below(3)) << run, c.below(1000));
        r.seed = static_cast<std::int64_t>(run);
        r.steps = steps;
        double scale = 1;
        for_each_field<typename F::task_table>([&](const auto& f) {
            auto& a = r.table.*f.member;
            if constexpr (std::is_same_v<typename std::remove_cvref_t<decltype(a)>::value_type, double>) {
                if constexpr (requires { F::check_tasks(r.table); }) {
                    if (spoiling > 0 && F::kind == prediction_kind::distribution) spoil(c, {a.data(), a.size()}, a.shape().back());
                } else if (spoiling > 0) {
                    const double times = c.one_of({0., 1., 1e-8, 1e8});
                    for (double& x : a) x *= times;
                }
                for (double x : a) scale = (std::max)(scale, std::abs(x));
            }
        });
        const seen_tasks<F> seen(family, r.table);
        r.sequences.id = sample_sequences(family, seen, sequences, context, run).sequences;
        if (ood) r.sequences.ood = sample_sequences(family, own_prior(family), sequences, context, run).sequences;
        if (c.once_in(3)) {
            for (std::size_t d = 0; d < seen.size(); ++d) r.task_weights.push_back(d > 0 && c.once_in(3) ? 0 : std::exp(30 * c.normal()));
        }
        if (c.once_in(3))
            for (std::size_t n = 0; n < steps.size(); ++n) r.train_loss.push_back(c.normal());
        const std::size_t events = family.view(*r.sequences.id, 0).events();
        r.model = [&](split, std::size_t) { return at_random(c, F::kind, {sequences, events, family.outcomes()}, scale); };
        if (c.once_in(2)) writer.template add_run<double>(r);
        else writer.template add_run<float>(r);
    }
    writer.finish();
}

std::string options(chance& c, const std::filesystem::path& out) {
    std::string text = " --threads 1 --loss-sequences " + std::to_string(c.one_of({2, 16, 64})) + " -o '" + out.string() + "'";
    const auto maybe = [&](std::size_t n, const std::string& option) {
        if (c.once_in(n)) text += ' ' + option;
    };
    maybe(2, "--no-memory");
    maybe(3, "--compare");
    maybe(3, "--bootstrap " + std::to_string(1 + c.below(4)));
    maybe(4, "--consecutive " + std::to_string(1 + c.below(4)));
    maybe(2, "--forecast");
    maybe(2, "--law " + c.one_of<std::string>({"published", "alpha=0", "gamma=1", "beta=1", "linear-K", "no-simplicity", "saturating",
                                               "scheduled", "belief-shift"}));
    maybe(2, "--strategies " + c.one_of<std::string>({"usual", "M,G", "all"}));
    maybe(4, "--threshold " + c.one_of<std::string>({"1e-6", "0.1", "1"}));
    maybe(4, "--neither " + c.one_of<std::string>({"0", "0.5", "1e9"}));
    maybe(4, "--loss-error " + c.one_of<std::string>({"1e-6", "1"}));
    maybe(4, "--seed " + std::to_string(c.below(1000)));
    maybe(8, "--report '" + (out / "page").string() + "'" + (c.once_in(2) ? " --colour-blind" : ""));
    maybe(6, c.once_in(2) ? "-q" : "--json");
    return text;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Words and numbers without one that is no number.
bool has_nan(const std::string& text) {
    static const std::regex word("(^|[^A-Za-z0-9])-?nan($|[^A-Za-z0-9])", std::regex::icase);
    return text.find("nan") != std::string::npos && std::regex_search(text, word);
}

template <class F>
void sweep(std::uint64_t seed) {
    chance c(seed);
    const temporary_folder folder;
    const auto in = folder.path() / "recording", out = folder.path() / "out";
    std::string refused;
    try {
        write_recording<F>(c, in);
    } catch (const std::exception& e) {
        refused = e.what();  // a family, or a recording that nobody could read
        CHECK_MESSAGE((refused.starts_with("rationale::") || refused.find("expected") != std::string::npos), refused);
        return;
    }
    const auto arguments = "'" + in.string() + "'" + options(c, out);
    INFO(arguments);
    const auto o = run(arguments, 120);
    INFO(o.output);
    if (o.code != 0) {
        CHECK(o.code == 1);
        CHECK(std::count(o.output.begin(), o.output.end(), '\n') == 1);
        CHECK(o.output.starts_with("analyze: "));
        CHECK_FALSE(has_nan(o.output));
        return;
    }
    CHECK_FALSE(has_nan(o.output));
    const auto json = text_of(out / "results.json");
    CHECK(nlohmann::json::accept(json));
    CHECK_FALSE(has_nan(json));
    CHECK(cells(out).size() > 0);
    CHECK_FALSE(has_nan(text_of(out / "cells.csv")));
    if (const auto page = out / "page"; std::filesystem::exists(page)) {
        CHECK_FALSE(has_nan(text_of(page / "index.html")));
        for (const auto& figure : std::filesystem::directory_iterator(page / "figures")) {
            INFO(figure.path());
            CHECK_FALSE(has_nan(text_of(figure.path())));
        }
    }
}

}  // namespace

TEST_CASE_TEMPLATE("whatever a recording holds and whatever is asked, the program ends with results or with one sentence", F,
                   balls_and_urns<>, linear_regression<>, classification<>, markov_chain<>, hidden_markov<>, finite_function<>,
                   gaussian_location, feature_regression<fourier_basis>, feature_regression<polynomial_basis>,
                   feature_regression<relu_basis>) {
    const char* const first = std::getenv("SWEEP_FIRST");
    const char* const count = std::getenv("SWEEP_COUNT");
    const std::uint64_t from = first ? std::strtoull(first, nullptr, 10) : 0;
    for (std::uint64_t seed = from; seed < from + (count ? std::strtoull(count, nullptr, 10) : sanitized ? 3 : repeats(20, 50)); ++seed) {
        CAPTURE(seed);
        CAPTURE(std::string(F::name));
        sweep<F>(seed);
    }
}

namespace {
/// What the program says of a recording of this family whose model is a softmax.
template <class F>
outcome softmax_model_of(const F& family) {
    const temporary_folder folder;
    recording_writer<F> writer(folder.path() / "in", "softmax", family);
    for (std::size_t d : {2u, 4u}) {
        run_record<F> r;
        r.table = sample_tasks(family, own_prior(family), d, 1);
        r.steps = {10, 100, 1000};
        const seen_tasks<F> seen(family, r.table);
        for (const auto split : splits) r.sequences[split] = sample_sequences(family, seen, 4, 5, 1).sequences;
        const std::size_t events = family.view(*r.sequences.id, 0).events();
        r.model = [&](split, std::size_t) {
            return predictions{F::kind, filled<double, 3>({4, events, family.outcomes()}, 1 / static_cast<double>(family.outcomes())), {}};
        };
        writer.add_run(r);
    }
    writer.finish();
    return run("'" + (folder.path() / "in").string() + "' -q -o '" + (folder.path() / "out").string() + "'");
}

void refused(const outcome& o, std::initializer_list<const char*> with) {
    INFO(o.output);
    CHECK(o.code == 1);
    CHECK(std::count(o.output.begin(), o.output.end(), '\n') == 1);
    for (const char* words : with) CHECK(o.output.find(words) != std::string::npos);
}
}  // namespace

TEST_CASE("a program that has too little memory says so") {
    if (sanitized) return;  // sanitizers need more addresses than there are here
    const temporary_folder out;
    FILE* const pipe = popen(("ulimit -v 300000; " RATIONALE_ANALYZE " " RATIONALE_EXAMPLES "/data/balls_and_urns --threads 1 -o " +
                              out.path().string() + " 2>&1")
                                 .c_str(),
                             "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    CHECK(WEXITSTATUS(pclose(pipe)) == 1);
    INFO(text);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.find("there is not enough memory") != std::string::npos);
}

TEST_CASE("where nothing can be fitted the sentence names the cells, the strategies and the parameter behind it") {
    refused(softmax_model_of(finite_function<>({.inputs = 3, .outputs = 3})),
            {"there are 0 cells to fit", "infinitely far from every mixture", "parameters.noise is 0"});
    refused(softmax_model_of(balls_and_urns<>({.categories = 3, .concentration = {1e308}})), {"parameters.concentration is 1e+308"});
}
