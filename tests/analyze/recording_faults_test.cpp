// Recordings that contradict themselves in a way that can be seen, and sound ones, which are left alone.
#include "rationale/analysis/detail/recording_faults.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analyze/instances.hpp"
#include "rationale/analysis/detail/distances.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/linear_regression.hpp"
#include "support/folder.hpp"

using namespace rationale;

namespace {

/// A recording of runs of D = 4 and 8, whose last checkpoint predicts as memorizing does. A test spoils what is written.
template <class F>
struct recorded {
    F truth, written = truth;
    bool other_tasks = false, exchanged = false;
    std::function<void(predictions&)> spoil = [](predictions&) {};

    [[nodiscard]] std::vector<std::string> faults() const {
        const rationale_test::temporary_folder folder;
        recording_writer<F> out(folder.path() / "r", "made up", written);
        for (const std::size_t count : {4u, 8u}) {
            const seen_tasks<F> seen(truth, sample_tasks(truth, own_prior(truth), count, 1));
            const seen_tasks<F> others(truth, sample_tasks(truth, own_prior(truth), count, 2));
            per_split<std::optional<typename F::sequences>> shown{sample_sequences(truth, seen, 32, 16, 3).sequences,
                                                                  sample_sequences(truth, own_prior(truth), 32, 16, 4).sequences};
            if (exchanged) std::swap(shown[split::id], shown[split::ood]);
            const auto model = [&](split split, std::size_t checkpoint) {
                auto p =
                    checkpoint == 0 ? predict(generalizing<F>(truth), *shown[split]) : predict(memorizing<F>(truth, seen), *shown[split]);
                spoil(p);
                return p;
            };
            out.template add_run<double>(
                {.table = (other_tasks ? others : seen).table(), .seed = 1, .steps = {10, 100}, .sequences = shown, .model = model});
        }
        out.finish();
        const auto from = recordings_of<F>::open(read_manifest(folder.path() / "r"));
        const any_executor here = sequential{};
        const detail::progress_report silent = [](const std::string&, std::size_t, std::size_t) {};
        const auto distances = detail::distances_of(from, {.own = 2}, {}, {here, silent}).first;
        return detail::recording_faults(
            from, [&](std::size_t run, split split) { return distances.at[run][split].signs; },
            [&](std::size_t run) { return distances.at[run][split::id].kept; });
    }
    /// The only one.
    [[nodiscard]] std::string sentence() const {
        const auto all = faults();
        REQUIRE(all.size() == 1);
        return all[0];
    }
};

using urns = balls_and_urns<>;
using regression = linear_regression<>;
using items = classification<>;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("sound recordings contradict nothing") {
    CHECK(recorded<urns>{urns({.categories = 4})}.faults().empty());
    CHECK(recorded<regression>{regression({.dimensions = 4, .noise_variance = 0.04})}.faults().empty());
    CHECK(recorded<items>{items({.dimensions = 8, .labels = 4})}.faults().empty());
}

TEST_CASE("a standard deviation for a variance is told, with the estimate") {
    const regression truth({.dimensions = 4, .noise_variance = 0.04});
    const auto text = recorded<regression>{truth, regression({.dimensions = 4, .noise_variance = 0.2})}.sentence();
    CAPTURE(text);
    CHECK(has(text, "parameters.noise_variance is 0.2, but the ID sequences, given the recorded tasks, say 0.0"));
    CHECK(has(text, "its square, so a standard deviation"));
}

TEST_CASE("a within-class variance that the queries contradict") {
    const items truth({.dimensions = 32, .labels = 4, .within_class_variance = 0.5});
    const auto text = recorded<items>{truth, items({.dimensions = 32, .labels = 4, .within_class_variance = 0.05})}.sentence();
    CAPTURE(text);
    CHECK(has(text, "within_class_variance is 0.05, but"));
}

TEST_CASE("tasks that sequences were not drawn from, and splits that are exchanged") {
    const auto all = recorded<urns>{.truth = urns({.categories = 4}), .other_tasks = true}.faults();
    REQUIRE(all.size() >= 1);
    CHECK(has(all[0], "ID sequences are less probable under the recorded tasks than under fresh ones"));
    CHECK(has(all[0], "(D = 4, seed 1"));
    const auto exchanged = recorded<urns>{.truth = urns({.categories = 4}), .exchanged = true}.faults();
    REQUIRE(exchanged.size() >= 2);
    CHECK(has(exchanged[0], "ID sequences are less probable"));
    CHECK(has(exchanged[1], "OOD sequences are more probable under the seen tasks"));
}

TEST_CASE("predictions that are shifted by a position are told so, once") {
    const auto shifted = [](int by) {
        return [by](predictions& p) {
            const auto as_they_were = p.values;
            for (std::size_t s = 0; s < p.sequences(); ++s)
                for (std::size_t t = 1; t + 1 < p.events(); ++t)
                    for (std::size_t k = 0; k < p.outcomes(); ++k)
                        p.values(s, t, k) = as_they_were(s, static_cast<std::size_t>(static_cast<int>(t) + by), k);
        };
    };
    const urns of_urns({.categories = 4});
    const regression of_pairs({.dimensions = 4, .noise_variance = 0.04});
    for (const int by : {1, -1}) {
        const std::string where = by > 0 ? "strategies predict one position later" : "strategies predict one position earlier";
        CHECK(has(recorded<urns>{.truth = of_urns, .spoil = shifted(by)}.sentence(), where));
        CHECK(has(recorded<regression>{.truth = of_pairs, .spoil = shifted(by)}.sentence(), where));
    }
}

TEST_CASE("predictions of the first position that have seen something") {
    const auto text = recorded<urns>{
        .truth = urns({.categories = 4}), .spoil = [](predictions& p) {
            for (std::size_t s = 0; s < p.sequences(); ++s)
                for (std::size_t k = 0; k < 4; ++k) p.values(s, 0, k) = .9 * p.values(s, 0, k) + (k == s % 4 ? .1 : 0);
        }}.sentence();
    CHECK(has(text, "The model's predictions of the first position differ between sequences, by up to 0.1"));
}
