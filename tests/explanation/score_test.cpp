// Explanations of made-up cells, scored: means, intervals and cross-validation written out, and one more explanation and one more column.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/execution.hpp"
#include "rationale/explanation/cell_explanation.hpp"
#include "rationale/explanation/context_explanation.hpp"
#include "rationale/explanation/law_explanation.hpp"
#include "rationale/explanation/own_visits_explanation.hpp"
#include "rationale/explanation/power_explanation.hpp"
#include "rationale/explanation/same_weights.hpp"
#include "rationale/explanation/score.hpp"
#include "rationale/explanation/table_csv.hpp"
#include "rationale/explanation/table_json.hpp"
#include "rationale/explanation/table_text.hpp"
#include "rationale/learner/known_laws.hpp"

namespace r = rationale;

namespace {

constexpr std::size_t sequences = 12, events = 2, outcomes = 3;

r::predictions drawn(r::philox& rng) {
    r::predictions out{r::prediction_kind::distribution, r::filled<double, 3>({sequences, events, outcomes}, 0.0), {}};
    const std::vector<double> flat(outcomes, .8);
    for (std::size_t i = 0; i < out.values.size(); i += outcomes) r::sample_dirichlet(rng, flat, {out.values.data() + i, outcomes});
    out.log_evidence = r::filled<double, 2>({sequences, events}, 0.0);
    for (std::size_t s = 0; s < sequences; ++s) out.log_evidence(s, 1) = std::log(out.values(s, 0, s % outcomes));
    return out;
}

const std::vector<double> steps{30, 100, 300, 1000, 3000, 10000}, truth{.5, .9, .25};

r::cell_role role_of(std::size_t run, double n) {
    const bool later = n > 3000, more = run > 2;
    return n < 100 ? r::cell_role::before_threshold
           : later ? (more ? r::cell_role::held_out_both : r::cell_role::held_out_steps)
                   : (more ? r::cell_role::held_out_tasks : r::cell_role::fitted);
}

/// Four runs of 2, 4, 8 and 16 tasks whose model mixes two strategies as the published law says, each weight with noise.
struct made_up {
    r::observations seen;
    std::vector<r::per_split<std::vector<r::predictions>>> strategies;
    std::vector<r::predictions> models;

    made_up() {
        r::philox rng(7, 0);
        const auto law = r::law_of<r::published_law>();
        for (std::size_t run = 0; run < 4; ++run) {
            const double tasks = std::exp2(1 + static_cast<double>(run));
            seen.runs.push_back({.tasks = static_cast<std::size_t>(tasks), .known = {{.1, .16}, {400 * tasks, 300}}});
            strategies.emplace_back();
            for (const auto split : r::splits) {
                auto& of = strategies[run][split];
                of = {drawn(rng), drawn(rng)};
                const r::mixture_compressor compress(of);
                for (double n : steps) {
                    const r::training at{.steps = n, .tasks = tasks};
                    double w = law.weights(truth, seen.runs.back().known, at)[0];
                    w += .3 * w * (1 - w) * (2 * r::uniform(rng) - 1);
                    auto model = of[0];
                    for (std::size_t i = 0; i < model.values.size(); ++i)
                        model.values.data()[i] = w * of[0].values.data()[i] + (1 - w) * of[1].values.data()[i];
                    seen.cells.push_back({run, at, split, role_of(run, n), compress.parts(model, 6)});
                    models.push_back(model);
                }
            }
        }
    }
    [[nodiscard]] r::law_fit fitted() const {
        return r::fit_to_cells(r::law_of<r::published_law>(), seen, r::as_observed(seen), {}, {.initial = truth});
    }
};

double mean(const r::observations& o, const std::vector<double>& losses, r::split split, bool held_out) {
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < o.cells.size(); ++i) {
        const auto& c = o.cells[i];
        const bool held = c.role != r::cell_role::fitted && c.role != r::cell_role::before_threshold;
        if (c.split == split && (held_out ? held : c.role == r::cell_role::fitted)) sum += losses[i], ++count;
    }
    return sum / count;
}

/// An explanation of one's own: the weight of the first strategy is a number times the logarithm of the steps, at most 1.
class by_log_steps {
public:
    explicit by_log_steps(const r::observations& seen) : seen_(&seen) {
        facts_ = {.key = "by_log_steps", .words = "weight by log N", .parameters = 1, .names = {"slope"}};
        facts_.values = fit(r::recorded_sample{}, r::is_fitted);
    }
    [[nodiscard]] const r::explanation_facts& facts() const { return facts_; }
    [[nodiscard]] const r::observations& cells() const { return *seen_; }
    [[nodiscard]] std::vector<double> fit(const r::recorded_sample& sample, const r::cell_choice& use) const {
        double best = 0, least = std::numeric_limits<double>::infinity();
        for (double slope = .01; slope < .2; slope += .002) {
            const auto of = losses({slope}, sample, use);
            double sum = 0;
            for (std::size_t i = 0; i < of.size(); ++i)
                if (!std::isnan(of[i])) sum += sample.draw(*seen_).weights[i] * of[i];
            if (sum < least) least = sum, best = slope;
        }
        return {best};
    }
    [[nodiscard]] std::vector<double> losses(const std::vector<double>& values, const r::recorded_sample& sample,
                                             const r::cell_choice& use) const {
        const auto& s = sample.of(*seen_);
        std::vector<double> out(s.losses.size(), std::nan(""));
        for (std::size_t i = 0; i < out.size(); ++i) {
            const double w = (std::min)(values[0] * std::log(seen_->cells[i].at.steps), 1.0);
            if (s.weights[i] > 0 && use(seen_->cells[i])) out[i] = s.losses[i](std::vector{w, 1 - w});
        }
        return out;
    }

private:
    const r::observations* seen_;
    r::explanation_facts facts_;
};

static_assert(r::explanation<by_log_steps> && r::explanation<r::law_explanation> && r::explanation<r::same_weights>);
static_assert(r::explanation<r::cell_explanation> && r::explanation<r::context_explanation>);
static_assert(r::explanation<r::detail::power_explanation<1>> && r::explanation<r::detail::own_visits_explanation>);
struct without_losses {
    r::explanation_facts of{};
    [[nodiscard]] const r::explanation_facts& facts() const { return of; }
};
static_assert(!r::explanation<without_losses>);

}  // namespace

TEST_CASE("scores: each role's mean apart, differences sample by sample to the first, the same for any executor") {
    const made_up made;
    const auto& o = made.seen;
    std::vector<r::any_explanation> all{r::law_explanation("law", "the law", o, made.fitted()), by_log_steps(o)};
    const std::vector<std::string> names{"M", "G"};
    for (auto& e : r::baselines(o, names, "")) all.push_back(std::move(e));
    const r::score_options options{.bootstrap = {.replicates = 40, .seed = 3, .consecutive = 2}, .cross_validate = true};
    const auto found = r::score(all, options);
    REQUIRE(found.rows.size() == 6);
    const auto observed = r::as_observed(o);
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(i);
        const auto losses = all[i].losses(found.rows[i].facts.values, r::recorded_sample{}, [](const auto&) { return true; });
        const auto& m = found.rows[i].mean;
        const std::array expected{mean(o, losses, r::split::id, false), mean(o, losses, r::split::id, true),
                                  mean(o, losses, r::split::ood, false), mean(o, losses, r::split::ood, true)};
        const std::array said{m.fitted, m.held_out, m.fitted_ood, m.held_out_ood};
        for (std::size_t k = 0; k < 4; ++k) CHECK(said[k] == doctest::Approx(expected[k]).epsilon(1e-12));
    }
    // What is not fitted again to samples has no interval.
    CHECK(found.rows[0].value_intervals[0].upper > found.rows[0].value_intervals[0].lower);
    const auto chosen = r::law_explanation("law", "the law", o, made.fitted()).with("node", 0.5);
    const auto of_chosen = r::score({r::any_explanation(chosen)}, options).rows[0];
    REQUIRE(of_chosen.value_intervals.size() == of_chosen.facts.values.size());
    CHECK(of_chosen.value_intervals[0].upper > of_chosen.value_intervals[0].lower);
    CHECK(std::isnan(of_chosen.value_intervals.back().lower));
    // The law made the recording, so that nothing of one parameter passes it, and the ceiling passes all.
    for (std::size_t i = 1; i < 5; ++i) CHECK(found.rows[i].difference.lower > 0);
    CHECK(found.rows[5].mean.fitted < found.rows[0].mean.fitted);
    CHECK(found.rows[5].mean.held_out_ood < found.rows[0].mean.held_out_ood);
    CHECK(std::isnan(found.rows[5].difference.lower));

    // Equal weights have nothing to fit: their difference to the law is that of each sample's losses.
    std::vector<double> id, ood;
    for (std::size_t b = 0; b < 40; ++b) {
        const auto s = r::resample(o, r::draw_bootstrap(o, options.bootstrap, b));
        const auto values = r::refit(made.fitted(), s.accounts, r::cells_of(o, s, r::is_fitted));
        r::per_split<double> sum{}, total{};
        for (std::size_t i = 0; i < o.cells.size(); ++i) {
            const auto& c = o.cells[i];
            if (!r::is_held_out(c) || s.weights[i] == 0) continue;
            const auto w = r::law_of<r::published_law>().weights(values, s.accounts[c.run], c.at);
            sum[c.split] += s.weights[i] * (s.losses[i](std::vector{.5, .5}) - s.losses[i](w)), total[c.split] += s.weights[i];
        }
        id.push_back(sum.id / total.id), ood.push_back(sum.ood / total.ood);
    }
    REQUIRE(found.rows[3].facts.key == "equal_weights");
    CHECK(found.rows[3].difference.lower == doctest::Approx(r::percentile_interval(id).lower).epsilon(1e-9));
    CHECK(found.rows[3].difference.upper == doctest::Approx(r::percentile_interval(id).upper).epsilon(1e-9));
    CHECK(found.rows[3].difference_ood.lower == doctest::Approx(r::percentile_interval(ood).lower).epsilon(1e-9));

    const auto again = r::score(all, options, r::threads{3});
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(again.rows[i].mean.held_out == found.rows[i].mean.held_out);
        if (i > 0 && i < 5) CHECK(again.rows[i].difference.upper == found.rows[i].difference.upper);
        CHECK(again.values[i] == found.values[i]);
    }
}

TEST_CASE("cross-validation leaves each number of tasks out in turn, and Takeuchi's criterion is only for laws that are identifiable") {
    const made_up made;
    const auto& o = made.seen;
    const by_log_steps own(o);
    const auto row = r::score({own}, {.cross_validate = true}).rows[0];
    double sum = 0, count = 0;
    for (std::size_t left_out = 0; left_out < 4; ++left_out) {
        const auto use = [&](const r::observed_cell& c, bool out) {
            return c.split == r::split::id && c.role != r::cell_role::before_threshold && (c.run == left_out) == out;
        };
        const r::recorded_sample all;
        const auto values = own.fit(all, [&](const auto& c) { return use(c, false); });
        for (double x : own.losses(values, all, [&](const auto& c) { return use(c, true); }))
            if (!std::isnan(x)) sum += x, ++count;
    }
    CHECK(count == 20);
    CHECK(row.across_tasks == doctest::Approx(sum / count).epsilon(1e-12));
    CHECK(row.across_tasks > row.mean.fitted * .5);
    CHECK(std::isnan(row.criterion));
    const auto of_law = r::score({r::law_explanation("law", "law", o, made.fitted())}, {.cross_validate = true}).rows[0];
    CHECK(of_law.criterion > of_law.mean.fitted);
    CHECK(std::isnan(r::score({own}).rows[0].across_tasks));
}

TEST_CASE("context-dependent weights: with lambda 0 the published law, and with lambda no worse on what they are fitted to") {
    const made_up made;
    const r::context_recording recorded(made.seen, made.strategies, made.models);
    const auto published = made.fitted();
    const r::context_explanation without({.key = "a"}, recorded, published.values, false, r::is_fitted),
        with({.key = "b"}, recorded, published.values, true, r::is_fitted);
    const auto rows = r::score({without, with}, {{.replicates = 30}}).rows;
    const auto of_law = r::score({r::law_explanation("law", "law", made.seen, published)}).rows[0];
    CHECK(rows[0].mean.fitted == doctest::Approx(of_law.mean.fitted).epsilon(1e-6));
    CHECK(rows[0].mean.held_out_ood == doctest::Approx(of_law.mean.held_out_ood).epsilon(1e-3));
    CHECK(rows[1].mean.fitted <= rows[0].mean.fitted * (1 + 1e-9));
    CHECK(rows[1].facts.parameters == 4);
    CHECK(rows[1].difference.lower < rows[1].difference.upper);  // sequences are drawn again, too
    // What both strategies exclude and the model gives makes a sequence's divergence infinite: also a sample's, where it has the sequence.
    auto strategies = made.strategies;
    for (auto& p : strategies[3].id) p.values(0, 1, 0) = 0, p.values(0, 1, 1) = .3, p.values(0, 1, 2) = .7;
    const r::context_recording excluding(made.seen, strategies, made.models);
    const r::context_explanation of_some({.key = "c"}, excluding, published.values, false, r::is_fitted);
    int finite = 0;
    for (std::uint64_t b = 0; b < 30; ++b) {
        const r::recorded_sample sample({.cells = false}, b);
        const bool has = sample.draw(made.seen).parts.at({3, r::split::id})[0] > 0;
        const auto losses = of_some.losses({}, sample, [](const r::observed_cell& c) { return c.run == 3 && c.split == r::split::id; });
        finite += !has;
        for (std::size_t i = 0; i < losses.size(); ++i)
            if (made.seen.cells[i].run == 3 && made.seen.cells[i].split == r::split::id)
                CHECK((has ? losses[i] == std::numeric_limits<double>::infinity() : std::isfinite(losses[i])));
    }
    CHECK(finite > 0);
    CHECK(finite < 30);
}

TEST_CASE(
    "a table: laws by their held-out cells, then baselines, then ceilings; one more explanation and one more column in every writer") {
    const made_up made;
    const auto& o = made.seen;
    std::vector<r::any_explanation> all{r::law_explanation("law", "the law", o, made.fitted())};
    const std::vector<std::string> names{"M", "G"};
    for (auto& e : r::baselines(o, names, " of both")) all.push_back(std::move(e));
    all.push_back(by_log_steps(o));
    const auto table = r::table_of(r::score(all).rows, "law");
    std::vector<std::string> keys;
    for (const auto& row : table.rows) keys.push_back(row.facts.key);
    CHECK(keys == std::vector<std::string>{"law", "by_log_steps", "best_single", "equal_weights", "same_weights", "free_weights"});
    CHECK(table.find("by_log_steps")->facts.values.size() == 1);
    CHECK(table.find("nothing") == nullptr);

    auto columns = r::explanation_columns();
    columns.push_back(
        {"ratio", "ood : id", [](const r::explanation_row& row) -> r::table_entry { return row.mean.fitted_ood / row.mean.fitted; }});
    const auto& own = *table.find("by_log_steps");
    const double ratio = own.mean.fitted_ood / own.mean.fitted;
    const auto text = r::table_text(table, columns);
    CHECK(text.find("weight by log N") != std::string::npos);
    CHECK(text.find("ood : id") != std::string::npos);
    CHECK(text.find(r::significant(ratio, 4)) != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 7);
    CHECK(r::table_text(table).find("ood : id") == std::string::npos);
    const auto json = r::to_json(table, columns);
    REQUIRE(json.size() == 6);
    CHECK(json[1]["ratio"] == ratio);
    CHECK(json[1]["kind"] == "law");
    CHECK(json[1]["values"][0]["name"] == "slope");
    CHECK(json[1]["values"][0]["value_95"].is_null());
    CHECK(json[0]["reference"] == true);
    CHECK(json[5]["kind"] == "ceiling");
    const auto csv = r::tables_csv({{"made, up", "laws", &table}}, columns);
    CHECK(csv.starts_with("recording,table,explanation,key,kind,parameters,fitted,"));
    CHECK(csv.find("\n\"made, up\",laws,weight by log N,by_log_steps,law,1," + r::csv_number(own.mean.fitted) + ",") != std::string::npos);
    CHECK(csv.find(",slope " + r::csv_number(own.facts.values[0]) + "," + r::csv_number(ratio) + "\n") != std::string::npos);
    const auto page = r::readable(table, columns);
    CHECK(std::find(page.head.begin(), page.head.end(), "ood : id") != page.head.end());
    // Columns that say nothing in any row are left out: nothing was cross-validated here.
    CHECK(std::find(page.head.begin(), page.head.end(), "CV over D") == page.head.end());
    CHECK(r::table_text({}).size() == 1);
}
