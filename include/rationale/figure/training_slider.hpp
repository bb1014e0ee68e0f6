#ifndef RATIONALE_FIGURE_TRAINING_SLIDER_HPP
#define RATIONALE_FIGURE_TRAINING_SLIDER_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/figure/figure.hpp"
#include "rationale/number_text.hpp"

namespace rationale {

namespace detail {
/// At most `most` of 0..count-1, evenly chosen, both ends among them.
inline std::vector<std::size_t> evenly(std::size_t count, std::size_t most) {
    std::vector<std::size_t> out;
    const std::size_t n = (std::min)(count, most);
    for (std::size_t i = 0; i < n; ++i) out.push_back(n == 1 ? 0 : i * (count - 1) / (n - 1));
    return out;
}
/// A number of four digits, as the rows are many; null where it is not finite.
inline nlohmann::ordered_json rounded_number(double x) {
    return std::isfinite(x) ? nlohmann::ordered_json(rounded(x, 4)) : nlohmann::ordered_json(nullptr);
}

/// Facts about the rows that the specification depends on.
struct slider_rows {
    bool means, outcomes;                        ///< whether predictions are means; whether places are the outcomes of one event
    std::size_t checkpoints = 16, places = 0;    ///< of each run; of the longest sequence
    double low = 0, high = 0;                    ///< range of the values
    figure_json choices = figure_json::array();  ///< numbers of tasks
    /// The title of the values.
    [[nodiscard]] std::string what() const {
        return means ? "predicted mean" : outcomes ? "probability of each outcome" : "probability of what came next";
    }
};

/// Appends a row for each place and checkpoint of up to three runs, with the same number of checkpoints for each.
inline slider_rows add_slider_rows(figure_json& data, const recording_analysis& a) {
    std::vector<const analyzed_run*> runs;  // one of each number of tasks
    for (const auto& r : a.runs)
        if (!r.trace.moments.empty() && (runs.empty() || runs.back()->tasks != r.tasks)) runs.push_back(&r);
    slider_rows out{.means = a.kind == prediction_kind::mean, .outcomes = !runs.empty() && runs[0]->trace.outcomes};
    for (const auto* r : runs) out.checkpoints = (std::min)(out.checkpoints, r->trace.moments.size());
    for (std::size_t i : evenly(runs.size(), 3)) {
        const auto& r = *runs[i];
        const auto chosen = evenly(r.trace.moments.size(), out.checkpoints);
        out.choices.push_back(r.tasks);
        out.places = (std::max)(out.places, r.positions.empty() ? r.trace.observed.size() : r.positions.back() + 1);
        for (std::size_t n = 0; n < chosen.size(); ++n) {
            const auto& m = r.trace.moments[chosen[n]];
            for (std::size_t t : evenly(m.model.size(), 64)) {
                const double memorizing = r.trace.strategies[0][t], generalizing = r.trace.strategies[1][t];
                data.push_back({{"tasks", r.tasks},
                                {"checkpoint", n + 1},
                                {"step", m.step},
                                {"place", out.outcomes ? t : (r.positions.empty() ? t : r.positions[t]) + 1},
                                {"came", rounded_number(r.trace.observed[t])},
                                {"model", rounded_number(m.model[t])},
                                {"law", rounded_number(m.law[t])},
                                {"memorizing", rounded_number(memorizing)},
                                {"generalizing", rounded_number(generalizing)}});
                for (double x : {m.model[t], m.law[t], memorizing, generalizing})
                    if (std::isfinite(x)) out.low = (std::min)(out.low, x), out.high = (std::max)(out.high, x);
            }
        }
    }
    return out;
}

/// The columns that are folded to one, "value", with their names in "of".
inline figure_json slider_fields() { return figure_json::array({"law", "memorizing", "generalizing", "model"}); }
inline figure_json slider_filter(const char* test) { return figure_json::array({{{"filter", test}}}); }

/// Layers of the predictions: lines in colours and dashes for law and strategies, black points for the model, crosses for observed means.
inline figure_json slider_layers(const recording_analysis& a, const slider_rows& rows, const palette& colours) {
    using json = figure_json;
    const std::vector<std::string> names{"law's mixture", a.strategies[0], a.strategies[1], "model"};
    auto tooltip = json::array({{{"field", "tasks"}, {"title", "D"}}, {{"field", "step"}, {"title", "N"}}});
    tooltip.push_back({{"field", "place"}, {"title", rows.outcomes ? "outcome" : "position"}});
    tooltip.push_back({{"field", "came"}, {"title", rows.outcomes ? "came (1: yes)" : "came"}});
    std::string labels = "{";
    for (std::size_t i = 0; i < names.size(); ++i) {
        tooltip.push_back({{"field", slider_fields()[i]}, {"title", names[i]}, {"type", "quantitative"}, {"format", ".4~g"}});
        labels += (i == 0 ? "" : ", ") + slider_fields()[i].dump() + ": " + json(names[i]).dump();
    }
    const auto told_apart = [&](const json& range) {
        return json{{"field", "of"},
                    {"type", "nominal"},
                    {"title", nullptr},
                    {"legend",
                     {{"orient", "top"},
                      {"labelLimit", 220},
                      {"labelExpr", labels + "}[datum.value]"},
                      {"symbolType", rows.outcomes ? "circle" : "stroke"}}},
                    {"scale", {{"domain", slider_fields()}, {"range", range}}}};
    };
    const json where{{"y",
                      {{"field", "value"},
                       {"type", "quantitative"},
                       {"title", rows.what()},
                       {"scale", {{"domain", {1.05 * rows.low, 1.05 * rows.high}}}}}},
                     {"color", told_apart({"#7A4EA3", colours.of(0), colours.of(1), "#222222"})}};
    json lines = where, points = where;
    if (!rows.outcomes) {  // outcomes have no order that a line could follow
        lines["strokeDash"] = told_apart(json::parse("[[1, 0], [7, 3], [2, 2], [1, 0]]"));
        lines["strokeWidth"] = {{"condition", {{"test", "datum.of == 'law'"}, {"value", 3}}}, {"value", 1.5}};
    }
    points["tooltip"] = tooltip;
    auto layers = json::array();
    layers.push_back({{"transform", slider_filter("datum.of != 'model'")},
                      {"mark", rows.outcomes ? json{{"type", "tick"}, {"thickness", 3}} : json{{"type", "line"}}},
                      {"encoding", lines}});
    layers.push_back({{"transform", slider_filter("datum.of == 'model'")},
                      {"mark", {{"type", "point"}, {"filled", true}, {"size", 45}, {"opacity", 1}}},
                      {"encoding", points}});
    if (rows.means)
        layers.push_back({{"transform", slider_filter("datum.of == 'model'")},
                          {"mark", {{"type", "point"}, {"shape", "cross"}, {"size", 30}, {"color", "#777777"}, {"clip", true}}},
                          {"encoding", {{"y", {{"field", "came"}, {"type", "quantitative"}}}, {"tooltip", tooltip}}}});
    return layers;
}

/// Appends a layer with the number of training steps in the upper right corner.
inline void add_step_number(figure_json& layers) {
    using json = figure_json;
    auto number = json::parse(R"({"type": "text", "align": "right", "baseline": "bottom", "dy": -4, "fontSize": 13})"), title = number;
    number["fontWeight"] = "bold", title["text"] = "training steps N =";
    const auto at = [](int x) { return json{{"x", {{"value", x}}}, {"y", {{"value", 0}}}}; };
    auto step = at(640);
    step["text"] = {{"field", "step"}, {"type", "quantitative"}, {"aggregate", "max"}, {"format", ",d"}};
    layers.push_back({{"mark", number}, {"encoding", step}});
    layers.push_back({{"data", {{"values", json::array({json::object()})}}}, {"mark", title}, {"encoding", at(584)}});
}
}  // namespace detail

/// One sequence of up to three runs, place by place, at up to 16 checkpoints: a slider over training moves the law's mixture and the
/// model's own predictions between those of memorizing and of generalizing. Another control chooses the number of tasks.
[[nodiscard]] inline figure training_slider(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    using json = figure_json;
    figure f{"training-slider", "One sequence through training", {}, json::array(), {}};
    const auto rows = add_slider_rows(f.data, a);
    f.caption = "Each place of a sequence in distribution: the " + rows.what() +
                " by the model and by the law's mixture, and by the two strategies that it mixes. Move the slider over training.";
    if (f.data.empty()) return f;
    json slider{{"name", "checkpoint"}, {"value", rows.checkpoints}}, choice{{"name", "D"}, {"value", rows.choices.back()}};
    slider["bind"] = {{"input", "range"}, {"min", 1}, {"max", rows.checkpoints}, {"step", 1}, {"name", "checkpoint "}};
    choice["bind"] = {{"input", "select"}, {"options", rows.choices}, {"name", "tasks D "}};
    f.spec = {{"width", 640}, {"height", 240}};
    f.spec["params"] = json::array({slider, choice});
    f.spec["transform"] = slider_filter("datum.checkpoint == checkpoint && datum.tasks == D");
    f.spec["transform"].push_back({{"fold", slider_fields()}, {"as", {"of", "value"}}});
    f.spec["encoding"]["x"] = {{"field", "place"},
                               {"type", rows.outcomes ? "ordinal" : "quantitative"},
                               {"title", rows.outcomes ? "outcome" : "position"},
                               {"axis", {{"labelAngle", 0}}}};
    if (!rows.outcomes) {
        f.spec["encoding"]["x"]["scale"] = {{"padding", 8}, {"nice", false}, {"zero", false}};
        auto& ticks = f.spec["encoding"]["x"]["axis"]["values"] = json::array();
        for (std::size_t t : evenly(rows.places, 9)) ticks.push_back(t + 1);
    }
    auto& layers = f.spec["layer"] = slider_layers(a, rows, colours);
    add_step_number(layers);
    f.spec["config"] = json::parse(R"({"font": "sans-serif", "view": {"stroke": "#CCCCCC"},
        "axis": {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "grid": false}, "legend": {"labelFontSize": 11}})");
    return f;
}

}  // namespace rationale

#endif
