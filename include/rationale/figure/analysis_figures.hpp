#ifndef RATIONALE_FIGURE_ANALYSIS_FIGURES_HPP
#define RATIONALE_FIGURE_ANALYSIS_FIGURES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/figure/figure.hpp"
#include "rationale/recording/run_reader.hpp"

namespace rationale {

namespace detail {

using figure_json = nlohmann::ordered_json;

inline figure_json axis_field(const char* field, const std::string& title, const char* type, figure_json more = figure_json::object()) {
    figure_json out{{"field", field}, {"type", type}, {"title", title}};
    out.update(more);
    return out;
}
/// Training steps along a map: a column a checkpoint.
inline figure_json steps_across() {
    return axis_field("step", "training steps N", "ordinal", {{"axis", {{"labelAngle", -45}, {"labelOverlap", true}}}});
}
inline figure_json tasks_up() { return axis_field("tasks", "tasks D", "ordinal", {{"sort", "descending"}}); }
inline figure_json tooltip(const std::vector<std::pair<const char*, const char*>>& fields) {
    auto out = figure_json::array();
    for (const auto& [field, title] : fields) {
        figure_json entry{{"field", field}, {"title", title}};
        const std::string name = field;
        if (name != "tasks" && name != "step" && name != "split" && name != "cell" && name != "strategy" && name != "explanation" &&
            name != "seed" && name != "distance_to")
            entry["type"] = "quantitative", entry["format"] = ".4g";
        out.push_back(std::move(entry));
    }
    return out;
}
/// Looks that all figures share.
inline figure_json with_config(figure_json looks) {
    looks["config"] = {{"font", "sans-serif"},
                       {"view", {{"stroke", nullptr}}},
                       {"axis", {{"labelFontSize", 11}, {"titleFontSize", 12}, {"grid", false}}},
                       {"legend", {{"labelFontSize", 11}, {"titleFontSize", 12}}},
                       {"header", {{"labelFontSize", 12}, {"titleFontSize", 12}}}};
    return looks;
}
/// A number a cell as colours over D x N; grey where it is undefined.
inline figure_json map_of(const char* field, const std::string& title, figure_json scale, figure_json tips) {
    return {{"width", {{"step", 16}}},
            {"height", {{"step", 22}}},
            {"view", {{"fill", "#D9D9D9"}}},
            {"mark", {{"type", "rect"}}},
            {"encoding",
             {{"x", steps_across()},
              {"y", tasks_up()},
              {"color",
               axis_field(field, title, "quantitative",
                          {{"scale", std::move(scale)}, {"legend", {{"orient", "top"}, {"gradientLength", 180}, {"titleLimit", 240}}}})},
              {"tooltip", std::move(tips)}}}};
}
/// Blue over white to red: generalizing to memorizing.
inline figure_json from_g_to_m(const palette& colours, figure_json domain = {0, 0.5, 1}) {
    return {{"domain", std::move(domain)}, {"range", {colours.of(1), "#F7F7F7", colours.of(0)}}, {"clamp", true}};
}

inline std::set<std::size_t> tasks_of(const recording_analysis& a) {
    std::set<std::size_t> out;
    for (const auto& r : a.runs) out.insert(r.tasks);
    return out;
}
/// At most six numbers of tasks, evenly chosen: more make no readable panels.
inline std::set<std::size_t> some_tasks(const recording_analysis& a) {
    auto all = tasks_of(a);
    if (all.size() <= 6) return all;
    const std::vector<std::size_t> list(all.begin(), all.end());
    std::set<std::size_t> out;
    for (std::size_t i = 0; i < 6; ++i) out.insert(list[i * (list.size() - 1) / 5]);
    return out;
}
/// What every row about a cell begins with.
inline figure_json cell_row(const recording_analysis& a, const analyzed_cell& c) {
    const auto& r = a.runs[c.run];
    return {{"tasks", r.tasks}, {"seed", r.seed}, {"step", c.step}, {"split", splits[c.split]}, {"cell", std::string(words(c.role))}};
}
inline figure_json colours_of(const std::vector<std::string>& names, const palette& colours) {
    auto range = figure_json::array();
    for (std::size_t q = 0; q < names.size(); ++q) range.push_back(colours.of(q));
    return {{"domain", names}, {"range", std::move(range)}};
}
inline figure_json steps_on_root_axis() {
    return axis_field("step", "training steps N", "quantitative",
                      {{"scale", {{"type", "sqrt"}}},
                       {"axis", {{"tickCount", 4}, {"labelExpr", "datum.value >= 1000 ? datum.value / 1000 + 'k' : datum.value"}}}});
}
inline figure_json tasks_across() { return axis_field("tasks", "tasks D", "ordinal", {{"axis", {{"labelAngle", 0}}}}); }
/// Panels for numbers of tasks, three in a row.
inline figure_json panels_by_tasks(figure_json spec) {
    return with_config({{"facet", axis_field("tasks", "tasks D", "ordinal")}, {"columns", 3}, {"spec", std::move(spec)}});
}

}  // namespace detail

/// Where the model stands between generalizing (0) and memorizing (1), D x N, ID and OOD.
[[nodiscard]] inline figure relative_distance_map(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"relative-distance",
             "Relative distance",
             "0: the model predicts as " + a.strategies[1] + " does, 1: as " + a.strategies[0] + ". Grey: undefined.",
             figure_json::array(),
             {}};
    bool ood = false;
    for (const auto& c : a.cells) {
        auto row = cell_row(a, c);
        row["relative_distance"] = figure_number(c.relative.defined() ? c.relative.value : undefined);
        row["standard_error"] = figure_number(c.relative.standard_error);
        row["unexplained"] = figure_number(c.unexplained);
        ood = ood || c.split == 1;
        f.data.push_back(std::move(row));
    }
    auto map = map_of("relative_distance", "relative distance", from_g_to_m(colours),
                      tooltip({{"tasks", "D"},
                               {"step", "N"},
                               {"cell", "cell"},
                               {"relative_distance", "relative distance"},
                               {"standard_error", "standard error"},
                               {"unexplained", "unexplained share"}}));
    f.looks = with_config(
        ood ? figure_json{{"facet",
                           {{"column",
                             axis_field(
                                 "split", "", "nominal",
                                 {{"header", {{"labelExpr", "datum.value == 'id' ? 'in distribution' : 'out of distribution'"}}}})}}},
                          {"spec", map}}
            : map);
    return f;
}

/// The law's weight of memorizing, the relative distance, and how far they are apart, ID. Cells that were not fitted have a dot.
[[nodiscard]] inline figure predicted_and_observed(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"predicted-and-observed",
             "Predicted and observed",
             "Left: weight of " + a.strategies[0] +
                 " by the law. Middle: relative distance of the model. Right: their difference. Dots: held out, not fitted.",
             figure_json::array(),
             {}};
    for (const auto& c : a.cells) {
        if (c.split != 0 || c.predicted.empty()) continue;
        auto row = cell_row(a, c);
        const double observed = c.relative.defined() ? c.relative.value : undefined;
        row["predicted"] = figure_number(c.predicted[0]);
        row["observed"] = figure_number(observed);
        row["difference"] = figure_number(std::abs(c.predicted[0] - observed));
        row["held_out"] = c.role != cell_role::fitted;
        f.data.push_back(std::move(row));
    }
    const auto tips = tooltip({{"tasks", "D"},
                               {"step", "N"},
                               {"cell", "cell"},
                               {"predicted", "law's weight"},
                               {"observed", "relative distance"},
                               {"difference", "difference"}});
    auto panels = figure_json::array();
    for (const auto& [field, title] :
         {std::pair{"predicted", "law's weight of M"}, {"observed", "relative distance"}, {"difference", "difference"}}) {
        const bool difference = std::string(field) == "difference";
        auto map =
            map_of(field, title,
                   difference ? figure_json{{"domain", {0, 0.5}}, {"scheme", "greys"}, {"clamp", true}} : from_g_to_m(colours), tips);
        const figure_json dots{{"transform", {{{"filter", "datum.held_out"}}}},
                               {"mark", {{"type", "point"}, {"filled", true}, {"size", 7}, {"color", "#222222"}, {"opacity", 0.7}}},
                               {"encoding", {{"x", steps_across()}, {"y", tasks_up()}}}};
        figure_json rect{{"mark", map["mark"]}, {"encoding", map["encoding"]}};
        panels.push_back({{"width", map["width"]}, {"height", map["height"]}, {"view", map["view"]}, {"layer", {rect, dots}}});
    }
    f.looks = with_config({{"hconcat", std::move(panels)}, {"resolve", {{"scale", {{"color", "independent"}}}}}});
    return f;
}

/// log prior odds, log Bayes factor and their sum, the log posterior odds of memorizing against generalizing, in nats.
[[nodiscard]] inline figure odds_maps(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"odds",
             "What the law weighs",
             "Simplicity (log prior odds), evidence (log Bayes factor) and both together, in nats, for " + a.strategies[0] + " against " +
                 a.strategies[1] + ".",
             figure_json::array(),
             {}};
    double most = 1;
    for (const auto& c : a.cells) {
        if (c.split != 0) continue;
        auto row = cell_row(a, c);
        row["prior"] = figure_number(c.log_prior_odds);
        row["bayes_factor"] = figure_number(c.log_bayes_factor);
        row["posterior"] = figure_number(c.log_prior_odds + c.log_bayes_factor);
        most = (std::max)({most, std::abs(c.log_prior_odds + c.log_bayes_factor)});
        f.data.push_back(std::move(row));
    }
    const double end = (std::min)(most, 12.0);
    const auto tips = tooltip({{"tasks", "D"},
                               {"step", "N"},
                               {"prior", "log prior odds"},
                               {"bayes_factor", "log Bayes factor"},
                               {"posterior", "log posterior odds"}});
    auto panels = figure_json::array();
    for (const auto& [field, title] :
         {std::pair{"prior", "log prior odds"}, {"bayes_factor", "log Bayes factor"}, {"posterior", "log posterior odds"}}) {
        panels.push_back(map_of(field, "nats", from_g_to_m(colours, {-end, 0, end}), tips));
        panels.back()["title"] = title;
    }
    f.looks = with_config({{"hconcat", std::move(panels)}});
    return f;
}

/// Weights of all strategies over training: of each cell's best mixture (points) and of the law (lines), for up to six D, ID.
[[nodiscard]] inline figure strategy_weights(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"strategy-weights",
             "Strategies over training",
             "Points: weights of the mixture that explains the checkpoint best. Lines: weights by the fitted law. Square-root axis.",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a);
    for (const auto& c : a.cells) {
        if (c.split != 0 || !chosen.contains(a.runs[c.run].tasks)) continue;
        for (std::size_t q = 0; q < a.strategies.size(); ++q) {
            auto row = cell_row(a, c);
            row["strategy"] = a.strategies[q];
            row["best_mixture"] = figure_number(q < c.mixing_weights.size() ? c.mixing_weights[q] : undefined);
            row["law"] = figure_number(q < c.predicted.size() ? c.predicted[q] : undefined);
            f.data.push_back(std::move(row));
        }
    }
    const figure_json colour{{"field", "strategy"},
                             {"type", "nominal"},
                             {"title", nullptr},
                             {"scale", colours_of(a.strategies, colours)},
                             {"legend", {{"orient", "top"}, {"labelLimit", 220}}}};
    const auto tips = tooltip({{"tasks", "D"}, {"step", "N"}, {"strategy", "strategy"}, {"best_mixture", "best mixture"}, {"law", "law"}});
    const auto y = [](const char* field) { return axis_field(field, "weight", "quantitative", {{"scale", {{"domain", {0, 1}}}}}); };
    f.looks = panels_by_tasks(
        {{"width", 220},
         {"height", 130},
         {"layer",
          {{{"transform", {{{"filter", "isValid(datum.law)"}}}},
            {"mark", {{"type", "line"}, {"strokeWidth", 2}}},
            {"encoding", {{"x", steps_on_root_axis()}, {"y", y("law")}, {"color", colour}, {"detail", {{"field", "seed"}}}}}},
           {{"transform", {{{"filter", "isValid(datum.best_mixture)"}}}},
            {"mark", {{"type", "point"}, {"filled", true}, {"size", 28}, {"opacity", 0.8}}},
            {"encoding", {{"x", steps_on_root_axis()}, {"y", y("best_mixture")}, {"color", colour}, {"tooltip", tips}}}}}}});
    return f;
}

/// Divergence of the model from memorizing and from generalizing over training, for up to six D, ID.
[[nodiscard]] inline figure distances(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    const std::string unit = a.kind == prediction_kind::mean ? "squared error" : "symmetric KL, nats";
    figure f{"distances",
             "Distances to the strategies",
             "How far the model's predictions are from those of the two strategies (" + unit + "; logarithmic against square-root axis).",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a);
    for (const auto& c : a.cells) {
        if (c.split != 0 || !chosen.contains(a.runs[c.run].tasks)) continue;
        for (std::size_t q = 0; q < 2; ++q) {
            auto row = cell_row(a, c);
            row["distance_to"] = a.strategies[q];
            const double d = q == 0 ? c.to_memorizing : c.to_generalizing;
            row["distance"] = figure_number(d > 0 ? d : undefined);
            f.data.push_back(std::move(row));
        }
    }
    const std::vector<std::string> two{a.strategies[0], a.strategies[1]};
    f.looks = panels_by_tasks(
        {{"width", 220},
         {"height", 130},
         {"mark", {{"type", "line"}, {"point", {{"size", 20}}}, {"strokeWidth", 2}}},
         {"encoding",
          {{"x", steps_on_root_axis()},
           {"y",
            axis_field("distance", unit, "quantitative", {{"scale", {{"type", "log"}}}, {"axis", {{"tickCount", 4}, {"format", "~g"}}}})},
           {"color",
            {{"field", "distance_to"},
             {"type", "nominal"},
             {"title", nullptr},
             {"scale", colours_of(two, colours)},
             {"legend", {{"orient", "top"}}}}},
           {"detail", {{"field", "seed"}}},
           {"tooltip", tooltip({{"tasks", "D"}, {"step", "N"}, {"distance_to", "distance to"}, {"distance", "distance"}})}}}});
    return f;
}

/// The distance of the model from the mixture of M and G at its relative distance, and the step from which on the law is fitted.
[[nodiscard]] inline figure interpolation(const recording_analysis& a) {
    using namespace detail;
    figure f{"interpolation",
             "Interpolation distance",
             "How much of the model the mixture at its relative distance leaves open. Dashed: from here on cells are fitted.",
             figure_json::array(),
             {}};
    for (const auto& c : a.cells) {
        if (c.split != 0) continue;
        auto row = cell_row(a, c);
        row["interpolation_distance"] = figure_number(c.interpolation_distance > 0 ? c.interpolation_distance : undefined);
        row["threshold"] = a.threshold ? figure_json(*a.threshold) : figure_json(nullptr);
        f.data.push_back(std::move(row));
    }
    auto layers = figure_json::array();
    layers.push_back({{"mark", {{"type", "line"}, {"point", {{"size", 16}}}}},
                      {"encoding",
                       {{"x", steps_on_root_axis()},
                        {"y", axis_field("interpolation_distance", a.kind == prediction_kind::mean ? "squared error" : "symmetric KL, nats",
                                         "quantitative", {{"scale", {{"type", "log"}}}, {"axis", {{"tickCount", 4}, {"format", "~g"}}}})},
                        {"color", axis_field("tasks", "tasks D", "ordinal", {{"scale", {{"scheme", "viridis"}}}})},
                        {"detail", {{"field", "seed"}}},
                        {"tooltip", tooltip({{"tasks", "D"}, {"step", "N"}, {"interpolation_distance", "interpolation distance"}})}}}});
    if (a.threshold)
        layers.push_back({{"mark", {{"type", "rule"}, {"strokeDash", {4, 4}}, {"color", "#444444"}}},
                          {"encoding", {{"x", {{"field", "threshold"}, {"type", "quantitative"}, {"aggregate", "max"}}}}}});
    f.looks = with_config({{"width", 460}, {"height", 220}, {"layer", std::move(layers)}});
    return f;
}

/// When memorizing overtakes generalizing, N*(D), by the law (with its band where there was a bootstrap), and the first checkpoint at which
/// the model itself is nearer to memorizing.
[[nodiscard]] inline figure crossovers(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"crossovers",
             "When memorizing overtakes",
             "Circles: N* by the law, with its 95 % band where there is one. Crosses: the first checkpoint nearer to " + a.strategies[0] +
                 ". At 1: from the start.",
             figure_json::array(),
             {}};
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        const auto& r = a.runs[i];
        double seen = undefined, lower = undefined, upper = undefined;
        for (const auto& c : a.cells)
            if (c.run == i && c.split == 0 && c.relative.defined() && c.relative.value > 0.5 && std::isnan(seen))
                seen = static_cast<double>(c.step);
        if (a.forecast)
            for (const auto& x : a.forecast->runs)
                if (x.run == i) lower = x.steps.lower, upper = x.steps.upper;
        if (!(lower > 0) || !std::isfinite(upper)) lower = upper = undefined;  // a band has both ends
        const double law = r.memorizing_leads.what == crossover::outcome::at_steps ? r.memorizing_leads.steps : undefined;
        f.data.push_back({{"tasks", r.tasks},
                          {"seed", r.seed},
                          {"law", figure_number(law)},
                          {"lower", figure_number(lower)},
                          {"upper", figure_number(upper)},
                          {"observed", figure_number(seen)}});
    }
    const auto x = tasks_across();
    const auto y = [](const char* field) {
        return axis_field(
            field, "training steps N*", "quantitative",
            {{"scale", {{"type", "log"}, {"domainMin", 1}, {"clamp", true}}}, {"axis", {{"format", "~s"}, {"tickCount", 6}}}});
    };
    const auto only = [](const char* field) { return figure_json{{{"filter", std::string("isValid(datum.") + field + ")"}}}; };
    const auto tips =
        tooltip({{"tasks", "D"}, {"law", "N* by the law"}, {"lower", "95 % from"}, {"upper", "95 % to"}, {"observed", "observed"}});
    // A layer without a number would have no extent.
    auto layers = figure_json::array();
    const auto add = [&](const char* needs, figure_json mark, figure_json encoding) {
        if (std::all_of(f.data.begin(), f.data.end(), [&](const auto& row) { return row[needs].is_null(); })) return;
        layers.push_back({{"transform", only(needs)}, {"mark", std::move(mark)}, {"encoding", std::move(encoding)}});
    };
    add("upper", {{"type", "point"}, {"opacity", 0}}, {{"x", x}, {"y", y("upper")}});  // so that the axis reaches the bands' ends
    add("lower", {{"type", "rule"}, {"color", "#888888"}}, {{"x", x}, {"y", y("lower")}, {"y2", {{"field", "upper"}}}});
    add("law", {{"type", "point"}, {"filled", true}, {"size", 60}, {"color", colours.of(0)}},
        {{"x", x}, {"y", y("law")}, {"tooltip", tips}});
    add("observed", {{"type", "point"}, {"shape", "cross"}, {"size", 60}, {"color", "#222222"}},
        {{"x", x}, {"y", y("observed")}, {"tooltip", tips}});
    if (layers.empty()) f.data = figure_json::array();  // nothing is known of any run
    f.looks = with_config({{"width", 460}, {"height", 260}, {"layer", std::move(layers)}});
    return f;
}

/// What memorizing gains over generalizing in expected loss, and what it costs in bits, against D.
[[nodiscard]] inline figure losses_and_bits(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"losses",
             "Expected losses",
             "Loss of each strategy on sequences of seen tasks, nats per position. Where the curves meet memorizing gains nothing.",
             figure_json::array(),
             {}};
    for (const auto& r : a.runs)
        for (std::size_t q = 0; q < r.known.loss.size(); ++q)
            f.data.push_back({{"tasks", r.tasks},
                              {"seed", r.seed},
                              {"strategy", a.strategies[q]},
                              {"loss", figure_number(r.known.loss[q])},
                              {"bits", figure_number(r.known.complexity[q])}});
    f.looks = with_config(
        {{"width", 460},
         {"height", 240},
         {"mark", {{"type", "line"}, {"point", true}, {"strokeWidth", 2}}},
         {"encoding",
          {{"x", tasks_across()},
           {"y", axis_field("loss", "expected loss, nats per position", "quantitative")},
           {"color",
            {{"field", "strategy"},
             {"type", "nominal"},
             {"title", nullptr},
             {"scale", colours_of(a.strategies, colours)},
             {"legend", {{"orient", "top"}, {"labelLimit", 220}}}}},
           {"tooltip", tooltip({{"tasks", "D"}, {"strategy", "strategy"}, {"loss", "nats per position"}, {"bits", "bits"}})}}}});
    return f;
}

/// Explanations side by side: mean divergence of fitted and of held-out cells, never averaged together. Only where laws were compared.
[[nodiscard]] inline figure law_comparison(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"laws",
             "Explanations compared",
             "Mean divergence from the model over fitted and over held-out cells, ID; the best on held-out cells first.",
             figure_json::array(),
             {}};
    for (const auto& s : a.comparison)
        for (const auto& [cells, value] : {std::pair{"fitted", s.fitted}, {"held out", s.held_out}})
            f.data.push_back({{"explanation", s.name},
                              {"cells", cells},
                              {"divergence", figure_number(value)},
                              {"parameters", s.parameters < 10 ? figure_json(s.parameters) : figure_json(nullptr)}});
    f.looks = with_config(
        {{"width", 380},
         {"height", {{"step", 20}}},
         {"mark", {{"type", "point"}, {"filled", true}, {"size", 60}}},
         {"encoding",
          {{"y", axis_field("explanation", "", "nominal", {{"sort", nullptr}, {"axis", {{"labelLimit", 420}, {"grid", true}}}})},
           {"x", axis_field("divergence", a.kind == prediction_kind::mean ? "squared error" : "KL(model || explanation), nats",
                            "quantitative", {{"scale", {{"type", "log"}}}, {"axis", {{"tickCount", 5}, {"format", "~g"}}}})},
           {"color",
            {{"field", "cells"},
             {"type", "nominal"},
             {"title", "cells"},
             {"scale", {{"domain", {"fitted", "held out"}}, {"range", {"#9A9A9A", colours.of(0)}}}}}},
           {"tooltip", tooltip({{"explanation", "explanation"}, {"divergence", "divergence"}, {"parameters", "parameters"}})}}}});
    return f;
}

/// What each checkpoint has stored of a task, in bits, ID; only where memory of limited precision was fitted.
[[nodiscard]] inline figure stored_bits_map(const recording_analysis& a) {
    using namespace detail;
    figure f{"stored-bits",
             "Bits stored of a task",
             "By the precision that explains the checkpoint best; bits in all in the tooltip.",
             figure_json::array(),
             {}};
    if (!a.memory) return f;
    for (const auto& c : a.memory->cells) {
        if (c.split != 0) continue;
        const auto& r = a.runs[c.run];
        f.data.push_back({{"tasks", r.tasks},
                          {"seed", r.seed},
                          {"step", c.step},
                          {"precision", figure_number(c.precision)},
                          {"bits_per_task", figure_number(c.bits_per_task)},
                          {"bits", figure_number(c.bits_per_task * static_cast<double>(r.tasks))}});
    }
    f.looks = with_config(map_of(
        "bits_per_task", "bits of a task", {{"scheme", "viridis"}, {"type", "sqrt"}},
        tooltip(
            {{"tasks", "D"}, {"step", "N"}, {"precision", "precision"}, {"bits_per_task", "bits of a task"}, {"bits", "bits in all"}})));
    return f;
}

/// All figures that the analysis has data for, in the order of a report.
[[nodiscard]] inline std::vector<figure> figures_of(const recording_analysis& a, const palette& colours = {}) {
    std::vector<figure> all{relative_distance_map(a, colours),
                            strategy_weights(a, colours),
                            predicted_and_observed(a, colours),
                            odds_maps(a, colours),
                            crossovers(a, colours),
                            losses_and_bits(a, colours),
                            distances(a, colours),
                            interpolation(a),
                            law_comparison(a, colours),
                            stored_bits_map(a)};
    std::erase_if(all, [](const figure& f) { return f.data.empty(); });
    return all;
}

}  // namespace rationale

#endif
