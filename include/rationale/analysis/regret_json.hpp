#ifndef RATIONALE_ANALYSIS_REGRET_JSON_HPP
#define RATIONALE_ANALYSIS_REGRET_JSON_HPP

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/explanation/table_json.hpp"

namespace rationale::detail {

/// A checkpoint's regret, with intervals over sequences.
inline nlohmann::ordered_json regret_to_json(const regret_cell& c, const std::vector<std::string>& strategies) {
    using json = nlohmann::ordered_json;
    json out{{"split", words(c.split)}, {"step", c.step}};
    for (std::size_t q = 0; q < c.against.size(); ++q)
        out["against"].push_back(
            {{"strategy", strategies[q]}, {"regret", json_number(c.against[q].value)}, {"regret_95", json_interval(c.against[q].within)}});
    out["hindsight"] = json_number(c.hindsight.value);
    out["hindsight_95"] = json_interval(c.hindsight.within);
    out["exponent"] = json_number(c.trend.exponent.value);
    out["exponent_95"] = json_interval(c.trend.exponent.within);
    out["sublinear"] = c.trend.sublinear();
    out["falls_by_chance"] = c.trend.falls_by_chance;
    return out;
}

/// Where a run's gap turns, and its checkpoints'.
inline nlohmann::ordered_json gap_to_json(const gap_turns& g, const std::vector<gap_cell>& gaps) {
    using json = nlohmann::ordered_json;
    json out{{"peak_step", json_number(g.peak_step)},
             {"peak_step_95", json_interval(g.peak_within)},
             {"height", json_number(g.height.value)},
             {"height_95", json_interval(g.height.within)}};
    out["turns"] = json::array();
    for (const auto& turn : g.turns)
        out["turns"].push_back({{"step", turn.at}, {"gap", json_number(turn.height)}, {"turn", turn.peak ? "peak" : "valley"}});
    for (const auto& c : gaps)
        if (c.run == g.run)
            out["checkpoints"].push_back({{"step", c.step}, {"gap", json_number(c.gap.value)}, {"gap_95", json_interval(c.gap.within)}});
    return out;
}

inline nlohmann::ordered_json warning_to_json(const switch_warning& w) {
    return {{"checkpoints", w.checkpoints},
            {"passes", w.passes},
            {"announced", w.announced()},
            {"variance_trend", json_number(w.found.variance_trend.tau)},
            {"variance_by_chance", json_number(w.found.variance_by_chance)},
            {"autocorrelation_trend", json_number(w.found.autocorrelation_trend.tau)},
            {"autocorrelation_by_chance", json_number(w.found.autocorrelation_by_chance)}};
}

/// Regret of each run's last checkpoint, its gap along training and over numbers of tasks, and early warning signals.
inline nlohmann::ordered_json to_json(const regret_report& r, const recording_analysis& a) {
    using json = nlohmann::ordered_json;
    json out{{"unit", a.kind == prediction_kind::mean ? "squared error a sequence" : "nats a sequence"}};
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        json run{{"tasks", a.runs[i].tasks}, {"seed", a.runs[i].seed}};
        run["last"] = json::array();
        for (std::size_t n = 0; n < r.cells.size(); ++n)
            if (const auto& c = r.cells[n];
                c.run == i && (n + 1 == r.cells.size() || r.cells[n + 1].run != i || r.cells[n + 1].split != c.split))
                run["last"].push_back(regret_to_json(c, a.strategies));
        for (const auto& g : r.turns)
            if (g.run == i) run["gap"] = gap_to_json(g, r.gaps);
        for (const auto& w : r.warnings)
            if (w.run == i) run["early_warning"] = warning_to_json(w);
        out["runs"].push_back(std::move(run));
    }
    if (r.over_tasks) {
        auto& over = out["over_tasks"];
        over = {{"peak_tasks", json_number(r.over_tasks->peak_tasks)},
                {"peak_tasks_95", json_interval(r.over_tasks->peak_within)},
                {"height", json_number(r.over_tasks->height.value)},
                {"height_95", json_interval(r.over_tasks->height.within)}};
        for (std::size_t i = 0; i < r.over_tasks->tasks.size(); ++i)
            over["last_checkpoints"].push_back({{"tasks", r.over_tasks->tasks[i]},
                                                {"gap", json_number(r.over_tasks->gap[i].value)},
                                                {"gap_95", json_interval(r.over_tasks->gap[i].within)}});
    }
    return out;
}

}  // namespace rationale::detail

#endif
