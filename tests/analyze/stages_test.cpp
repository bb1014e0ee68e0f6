// The stages of an analysis, each on made-up runs without a family: strategies and a model are tables of probabilities.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/analyze.hpp"
#include "rationale/analysis/detail/run_of_tables.hpp"
#include "rationale/analysis/write_analysis.hpp"
#include "support/thread_team.hpp"

namespace r = rationale;

namespace {

/// Predictions of two outcomes for each sequence and event, from one probability a sequence.
r::predictions coins(const std::vector<double>& p, std::size_t events) {
    r::predictions out{r::prediction_kind::distribution, r::filled<double, 3>({p.size(), events, 2}, 0.0), {}};
    out.log_evidence = r::filled<double, 2>({p.size(), events}, 0.0);
    for (std::size_t s = 0; s < p.size(); ++s)
        for (std::size_t t = 0; t < events; ++t) out.values(s, t, 0) = p[s], out.values(s, t, 1) = 1 - p[s];
    return out;
}

constexpr std::size_t events = 3;

/// A run whose strategies give each sequence a probability, and whose model mixes the first two with a weight a checkpoint.
class made_up_run final : public r::run_source {
public:
    made_up_run(r::run_facts known, std::vector<std::vector<double>> strategies, std::vector<double> weight)
        : run_source(std::move(known)), strategies_(std::move(strategies)), weight_(std::move(weight)) {}

    r::loss_estimate losses(const r::loss_options&, const r::any_executor&) const override {
        const std::size_t n = strategies_.size();
        r::loss_estimate out;
        for (std::size_t q = 0; q < n; ++q) out.mean.push_back(mean_loss[q]);
        out.standard_error.assign(n, 0);
        out.difference_error = r::filled<double, 2>({n, n}, 0.0);
        return out;
    }
    std::vector<r::description> descriptions(const std::vector<r::compressor>&, const r::any_executor&) const override {
        std::vector<r::description> out(strategies_.size());
        for (std::size_t q = 0; q < out.size(); ++q)
            out[q].bits = q == 0 ? 100 * static_cast<double>(facts.tasks) : 10 * static_cast<double>(q);
        return out;
    }
    std::vector<r::predictions> predict(r::split, const r::sequence_numbers& which, const r::any_executor&) const override {
        std::vector<r::predictions> out;
        for (const auto& p : strategies_) out.push_back(coins(of(p, which), events));
        return out;
    }
    void for_each_checkpoint(r::split, const r::sequence_numbers& which,
                             const std::function<void(std::size_t, const r::predictions&)>& visit) const override {
        for (std::size_t n = 0; n < facts.steps.size(); ++n) {
            std::vector<double> p;
            for (std::size_t s = 0; s < strategies_[0].size(); ++s)
                p.push_back(weight_[n] * strategies_[0][s] + (1 - weight_[n]) * strategies_[1][s]);
            for (double& x : p)
                if (std::isnan(x)) x = .5;
            visit(n, coins(of(p, which), events));
        }
    }
    r::ndarray<double, 2> observed_losses(r::split, const r::sequence_numbers& which, const r::predictions& p) const override {
        return r::filled<double, 2>({which.size(), events}, static_cast<double>(which.size()) + p.values(0, 0, 0));
    }
    std::vector<double> evidence_with(std::size_t, double, const r::sequence_numbers&) const override { return {}; }
    r::sequence_trace start_trace(std::size_t s, const std::vector<r::predictions>&) const override {
        return {.observed = {static_cast<double>(s)}};
    }
    std::vector<double> said(std::size_t, const r::predictions& p) const override { return {p.values(0, 0, 0)}; }
    const r::memory_source* memory() const override { return nullptr; }

    std::optional<r::summed_bits> bits_within(double eps) const override {
        if (!weighed) return std::nullopt;
        return r::summed_bits{-3 * static_cast<double>(facts.tasks) * std::log2(eps), 0};
    }

    std::vector<double> mean_loss{.3, .5, .7};
    bool weighed = true;

private:
    static std::vector<double> of(const std::vector<double>& p, const r::sequence_numbers& which) {
        std::vector<double> out;
        for (std::size_t s : which) out.push_back(p[s]);
        return out;
    }
    std::vector<std::vector<double>> strategies_;
    std::vector<double> weight_;
};

const std::vector<double> m{.9, .2, .7, .4}, g{.6, .5, .5, .6}, c{.5, .5, .5, .5};
const std::vector<std::int64_t> steps{10, 100, 1000, 10000, 100000};
/// The law's own weight of M, which rises with the steps and falls with the tasks.
double weight_of(double tasks, double n) {
    return r::law_of<r::published_law>().weights(std::vector{.5, .4, .3}, {{.3, .5}, {100 * tasks, 10}}, {.steps = n, .tasks = tasks})[0];
}

r::recording_source made_up(const std::vector<std::size_t>& tasks, std::vector<double> first = m,
                            std::optional<double> bits_of_a_task = {}) {
    r::recording_source out{.name = "made up", .family = "none", .strategies = {"memorizing", "generalizing", "constant"}};
    out.programs.assign(3, std::nullopt);
    out.no_memory = "the family none has none";
    for (std::size_t d : tasks) {
        std::vector<double> weight;
        for (auto n : steps) weight.push_back(weight_of(static_cast<double>(d), static_cast<double>(n)));
        r::run_facts facts{.file = "D" + std::to_string(d),
                           .tasks = d,
                           .context = 8,
                           .steps = steps,
                           .sequences = {4, 4},
                           .events = events,
                           .outcomes = 2};
        if (bits_of_a_task) facts.bits = {*bits_of_a_task * static_cast<double>(d), std::nullopt, std::nullopt};
        out.runs.push_back(std::make_unique<made_up_run>(facts, std::vector{first, g, c}, weight));
        out.covariates.emplace_back();
    }
    return out;
}

const r::any_executor here = r::sequential{};
const r::detail::progress_report silent = [](const std::string&, std::size_t, std::size_t) {};
const r::detail::stage_tools tools{here, silent};

}  // namespace

TEST_CASE("losses: complexities are of numbers and, where all are known, programs, and what is not finite is refused by name") {
    auto from = made_up({2, 4});
    const r::analysis_options options;
    auto found = r::detail::losses_of(from, {.own = 2}, options, tools);
    REQUIRE(found.size() == 2);
    CHECK(found[1].known.loss == std::vector<double>{.3, .5, .7});
    CHECK(found[1].known.complexity == std::vector<double>{400, 10, 20});
    from.programs = {1000, 900, std::nullopt};
    found = r::detail::losses_of(from, {.own = 2}, options, tools);
    CHECK(found[1].known.complexity == std::vector<double>{1400, 910, 20});
    CHECK(r::detail::first_strategies(found[1], 3).known.complexity == std::vector<double>{400, 10, 20});
    from.excluding = "; parameters.noise is 0";
    dynamic_cast<made_up_run&>(*from.runs[1]).mean_loss[1] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS(
        (void)r::detail::losses_of(from, {.own = 2}, options, tools),
        "rationale::analyze_recording: the expected loss of generalizing for 4 tasks is not finite: it gives probability 0, "
        "or what no double holds, to what these tasks produce; parameters.noise is 0",
        std::invalid_argument);
}

TEST_CASE("distances: masked sequences are left out, divergences are those of their definition, and an exact mixture leaves nothing over") {
    auto first = m;
    first[1] = std::nan("");
    const auto from = made_up({2}, first);
    const auto [found, losses] = r::detail::distances_of(from, {.own = 2, .other = 3}, {}, tools);
    const auto& at = found.at[0].id;
    CHECK(at.kept == r::sequence_numbers{0, 2, 3});
    CHECK(at.masked == 1);
    CHECK(at.excluding == std::vector<std::size_t>{1, 0, 0});
    CHECK((*at.cells[0].strategies_loss)[1] == std::vector<double>(events, 3.6));
    REQUIRE(at.cells.size() == steps.size());
    const auto whole = made_up({2});
    const auto [of_all, unused] = r::detail::distances_of(whole, {.own = 2}, {}, tools);
    for (std::size_t n = 0; n < steps.size(); ++n) {
        const auto& cell = of_all.at[0].ood.cells[n];
        const double w = weight_of(2, static_cast<double>(steps[n]));
        CHECK(cell.step == steps[n]);
        CHECK(cell.split == r::split::ood);
        double to_m = 0;
        for (std::size_t s = 0; s < 4; ++s) {
            const double p = w * m[s] + (1 - w) * g[s], q = m[s];
            to_m += .5 * ((p - q) * std::log(p / q) + ((1 - p) - (1 - q)) * std::log((1 - p) / (1 - q))) / 4;
        }
        CHECK(cell.distance[0] == doctest::Approx(to_m).epsilon(1e-10));
        CHECK(cell.pair_loss < 1e-9);
        // Losses of these runs are 4 + the first sequence's probability, everywhere.
        const double p = w * m[0] + (1 - w) * g[0];
        const auto& regret = of_all.at[0].ood.regrets[n];
        CHECK(regret.step == steps[n]);
        CHECK(regret.split == r::split::ood);
        CHECK(regret.against[0].value == doctest::Approx(events * (p - m[0])).epsilon(1e-10));
        CHECK(regret.hindsight.value == doctest::Approx(events * (p - c[0])).epsilon(1e-10));
        CHECK(of_all.at[0].ood.excess[n][3] == doctest::Approx(events * (p - g[0])).epsilon(1e-10));
    }
    CHECK(losses.own[0].id.size() == steps.size());
    CHECK(losses.other[0].id.size() == steps.size());
    CHECK(losses.own[0].id[0][0].strategies() == 2);
    CHECK(losses.other[0].id[0][0].strategies() == 3);
}

TEST_CASE("roles: the latest threshold counts for all runs, and a law of all strategies is fitted from the first checkpoint on") {
    const auto from = made_up({2, 4, 8, 16, 32});
    r::detail::recorded_distances distances;
    distances.at.resize(5);
    for (std::size_t run = 0; run < 5; ++run)
        for (std::size_t n = 0; n < steps.size(); ++n)  // the third run falls below a fifth at the third step, others at the second
            distances.at[run].id.cells.push_back(
                {.run = run, .step = steps[n], .interpolation_distance = n < (run == 2 ? 2u : 1u) ? 1. : 0.});
    const auto roles = r::detail::roles_of(from, distances, {});
    CHECK(roles.thresholds == std::vector<std::optional<std::int64_t>>{100, 100, 1000, 100, 100});
    CHECK(roles.threshold == 1000);
    CHECK(roles.of(2, 100) == r::cell_role::before_threshold);
    CHECK(roles.of(2, 100, 3) == r::cell_role::fitted);
    CHECK(roles.of(32, 100, 3) == r::cell_role::before_threshold);
    CHECK(roles.of(2, 1000) == r::cell_role::fitted);
    CHECK(roles.of(32, 1000) == r::cell_role::held_out_tasks);
}

TEST_CASE("analyze: the law that made the model comes back from a source without a family") {
    const auto from = made_up({2, 4, 8, 16, 32});
    const auto a = r::analyze(from, {.threshold_share = 1});
    CHECK(a.fit.values[0] == doctest::Approx(.5).epsilon(1e-3));
    CHECK(a.fit.values[1] == doctest::Approx(.4).epsilon(1e-3));
    CHECK(a.fit.values[2] == doctest::Approx(.3).epsilon(1e-3));
    REQUIRE(a.cells.size() == 5 * 2 * steps.size());
    for (const auto& cell : a.cells) {
        const auto& run = a.runs[cell.run];
        CHECK(cell.predicted[0] ==
              doctest::Approx(weight_of(static_cast<double>(run.tasks), static_cast<double>(cell.step))).epsilon(1e-3));
        CHECK(cell.law_loss < 1e-7);
    }
    CHECK(a.runs[3].trace.moments.size() == steps.size());
    CHECK(a.runs[3].masked.id == 0);
    CHECK(a.regret.cells.size() == a.cells.size());
    for (std::size_t i = 0; i < a.cells.size(); ++i) {
        CHECK(a.regret.cells[i].run == a.cells[i].run);
        CHECK(a.regret.cells[i].split == a.cells[i].split);
        CHECK(a.regret.cells[i].step == a.cells[i].step);
    }
    CHECK(a.regret.gaps.size() == 5 * steps.size());
    CHECK(a.regret.over_tasks);
    CHECK_FALSE(a.memory);
    CHECK(a.no_memory == "the family none has none");
    // Cells say whether the law was fitted to them, also one of all strategies, which has no threshold.
    for (const auto scope : {r::law_scope::first_two, r::law_scope::all_strategies}) {
        const auto of_scope = r::analyze(from, {.scope = scope, .threshold_share = .5});
        const auto fitted = std::count_if(of_scope.cells.begin(), of_scope.cells.end(),
                                          [](const auto& c) { return c.split == r::split::id && c.role == r::cell_role::fitted; });
        CHECK(static_cast<std::size_t>(fitted) == of_scope.fit.cells);
    }
}

TEST_CASE("analyze: several processes find, to the last digit, what one does, and a fault of one is thrown on all") {
    const r::analysis_options options{.bootstrap = {.replicates = 7, .consecutive = 2}, .compare = true, .forecast = true};
    const auto results = [&](r::process_team* team) {
        const auto from = made_up({2, 4, 8, 16, 32});
        auto of_team = options;
        of_team.processes = team;
        return r::results_json(std::vector{r::analyze(from, of_team)}, {});
    };
    const auto alone = results(nullptr);
    for (const std::size_t members : {2, 3, 12}) {
        CAPTURE(members);
        std::vector<std::string> found(members);
        r::test::as_team(members, [&](r::process_team& team) { found[team.rank()] = results(&team); });
        for (const auto& of_process : found) CHECK(of_process == alone);
    }
    std::vector<std::string> said(2);
    r::test::as_team(2, [&](r::process_team& team) {
        auto from = made_up({2, 4});
        dynamic_cast<made_up_run&>(*from.runs[1]).mean_loss[1] = std::numeric_limits<double>::infinity();
        auto of_team = options;
        of_team.processes = &team;
        try {
            (void)r::analyze(from, of_team);
        } catch (const std::invalid_argument& e) {
            said[team.rank()] = e.what();
        }
    });
    CHECK(said[0].find("the expected loss of generalizing for 4 tasks is not finite") != std::string::npos);
    CHECK(said[1] == said[0]);
    r::test::as_team(2, [&](r::process_team& team) {
        auto of_team = options;
        of_team.processes = &team, of_team.bootstrap.seed = team.rank();
        try {
            (void)r::analyze(made_up({2, 4}), of_team);
        } catch (const std::invalid_argument& e) {
            said[team.rank()] = e.what();
        }
    });
    for (const auto& sentence : said)
        CHECK(sentence == "rationale::analyze: process 1 has another recording or other options than process 0, all must have the same");
}

TEST_CASE("laws with weights that depend on the context have differences where the table's reference is theirs, published over M and G") {
    const auto of = [](const char* law, r::law_scope scope) {
        r::analysis_options options;
        options.scope = scope, options.compare = true, options.threshold_share = 1, options.bootstrap.replicates = 4;
        for (const auto& known : r::known_laws())
            if (known.name() == law) options.law = known;
        return r::analyze(made_up({2, 4, 8, 16, 32}), options).comparison;
    };
    const auto has_difference = [](const r::explanation_table& table, const char* key) {
        const auto* const row = table.find(key);
        REQUIRE(row != nullptr);
        return !std::isnan(row->difference.lower);
    };
    const auto own = of("published", r::law_scope::first_two);
    const auto other_law = of("saturating", r::law_scope::first_two), other_strategies = of("published", r::law_scope::all_strategies);
    for (const char* key : {"published_with_context", "published_with_context_both_splits", "published_both_splits"}) {
        CHECK(has_difference(own, key));
        CHECK_FALSE(has_difference(other_law, key));
        CHECK_FALSE(has_difference(other_strategies, key));
    }
    CHECK(has_difference(other_law, "published/M,G"));
}

TEST_CASE("the law with bits by prior mass is that of a recording which gives those bits, and there is none without a mass") {
    auto from = made_up({2, 4, 8, 16, 32});
    r::analysis_options options;
    options.bootstrap.replicates = 4, options.compare = true, options.threshold_share = 1;
    const auto table = r::analyze(from, options).comparison;
    const auto* row = table.find("bits_by_prior_mass");
    REQUIRE(row != nullptr);
    const auto given = r::analyze(made_up({2, 4, 8, 16, 32}, m, 9), options).comparison;  // 3 log2 8 bits a task
    const auto* same = given.find("published/M,G");
    REQUIRE(same != nullptr);
    CHECK(row->facts.kind == r::explanation_kind::law);
    CHECK(row->facts.values == same->facts.values);
    CHECK(row->facts.values != table.find("published/M,G")->facts.values);
    CHECK(row->mean.fitted == same->mean.fitted);
    CHECK(row->mean.held_out_ood == same->mean.held_out_ood);
    CHECK(row->across_tasks == same->across_tasks);
    CHECK(row->criterion == same->criterion);
    REQUIRE(row->value_intervals.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) CHECK(row->value_intervals[k].upper == same->value_intervals[k].upper);
    CHECK(std::isfinite(row->difference.lower));
    CHECK(r::analyze(from, {.threshold_share = 1}).comparison.rows.empty());

    from.programs = {1000, 900, std::nullopt};
    const auto losses = r::detail::losses_of(from, {.own = 2}, options, tools);
    const auto complexities = r::detail::complexities_by_mass(from, losses, here);
    REQUIRE(complexities.size() == 5);
    CHECK(complexities[2] == std::vector<double>{1072, 910});
    dynamic_cast<made_up_run&>(*from.runs[4]).weighed = false;
    CHECK(r::detail::complexities_by_mass(from, losses, here).empty());
    CHECK(r::analyze(from, options).comparison.find("bits_by_prior_mass") == nullptr);
}

TEST_CASE("bits by prior mass of a run whose tasks change are the mean over its tables, and none where one has none") {
    const r::run_facts facts{.tasks = 4, .context = 8, .steps = steps};
    const auto of = [&](std::vector<bool> weighed) {
        std::vector<std::unique_ptr<r::run_source>> tables;
        for (std::size_t i = 0; i < weighed.size(); ++i) {
            auto known = facts;
            known.tasks = i + 1;
            auto table = std::make_unique<made_up_run>(known, std::vector{m, g, c}, std::vector<double>(steps.size(), .5));
            table->weighed = weighed[i];
            tables.push_back(std::move(table));
        }
        return r::detail::run_of_tables(facts, std::move(tables), {0, 1, 3}).bits_within(.125);
    };
    const auto found = of({true, true, true});
    REQUIRE(found);
    CHECK(found->bits == doctest::Approx(9 * 2));
    CHECK_FALSE(of({true, false, true}));
}
