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
/// Four digits: the figure's rows are many.
inline nlohmann::ordered_json rounded_number(double x) {
    return std::isfinite(x) ? nlohmann::ordered_json(rounded(x, 4)) : nlohmann::ordered_json(nullptr);
}
}  // namespace detail

/// One sequence of up to three runs, place by place, at up to 16 checkpoints: a slider over training moves the law's mixture and the
/// model's own predictions between those of memorizing and of generalizing. Another control chooses the number of tasks.
[[nodiscard]] inline figure training_slider(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    using json = nlohmann::ordered_json;
    std::vector<const analyzed_run*> runs;  // one of each number of tasks
    for (const auto& r : a.runs)
        if (!r.trace.moments.empty() && (runs.empty() || runs.back()->tasks != r.tasks)) runs.push_back(&r);
    const bool means = a.kind == prediction_kind::mean, outcomes = !runs.empty() && runs[0]->trace.outcomes;
    const std::string what = means ? "predicted mean" : outcomes ? "probability of each outcome" : "probability of what came next";
    figure f{"training-slider",
             "One sequence through training",
             "Each place of a sequence in distribution: the " + what +
                 " by the model and by the law's mixture, and by the two strategies that it mixes. Move the slider over training.",
             json::array(),
             {}};
    auto choices = json::array();
    std::size_t checkpoints = 16, places = 0;  // as many as every run has
    for (const auto* r : runs) checkpoints = (std::min)(checkpoints, r->trace.moments.size());
    double low = 0, high = 0;
    for (std::size_t i : evenly(runs.size(), 3)) {
        const auto& r = *runs[i];
        const auto chosen = evenly(r.trace.moments.size(), checkpoints);
        choices.push_back(r.tasks);
        places = (std::max)(places, r.trace.observed.size());
        for (std::size_t n = 0; n < chosen.size(); ++n) {
            const auto& m = r.trace.moments[chosen[n]];
            for (std::size_t t : evenly(m.model.size(), 64)) {
                const double memorizing = r.trace.strategies[0][t], generalizing = r.trace.strategies[1][t];
                f.data.push_back({{"tasks", r.tasks},
                                  {"checkpoint", n + 1},
                                  {"step", m.step},
                                  {"place", outcomes ? t : t + 1},
                                  {"came", rounded_number(r.trace.observed[t])},
                                  {"model", rounded_number(m.model[t])},
                                  {"law", rounded_number(m.law[t])},
                                  {"memorizing", rounded_number(memorizing)},
                                  {"generalizing", rounded_number(generalizing)}});
                for (double x : {m.model[t], m.law[t], memorizing, generalizing})
                    if (std::isfinite(x)) low = (std::min)(low, x), high = (std::max)(high, x);
            }
        }
    }
    if (f.data.empty()) return f;
    // Strategies are told apart by colour and dashes; the model, on top, is black points.
    const json fields{"law", "memorizing", "generalizing", "model"};
    const std::vector<std::string> names{"law's mixture", a.strategies[0], a.strategies[1], "model"};
    auto tips = json::array({{{"field", "tasks"}, {"title", "D"}}, {{"field", "step"}, {"title", "N"}}});
    tips.push_back({{"field", "place"}, {"title", outcomes ? "outcome" : "position"}});
    tips.push_back({{"field", "came"}, {"title", outcomes ? "came (1: yes)" : "came"}});
    std::string labels = "{";
    for (std::size_t i = 0; i < names.size(); ++i) {
        tips.push_back({{"field", fields[i]}, {"title", names[i]}, {"type", "quantitative"}, {"format", ".4~g"}});
        labels += (i == 0 ? "" : ", ") + fields[i].dump() + ": " + json(names[i]).dump();
    }
    const auto told_apart = [&](const json& range) {
        return json{{"field", "of"},
                    {"type", "nominal"},
                    {"title", nullptr},
                    {"legend",
                     {{"orient", "top"},
                      {"labelLimit", 220},
                      {"labelExpr", labels + "}[datum.value]"},
                      {"symbolType", outcomes ? "circle" : "stroke"}}},
                    {"scale", {{"domain", fields}, {"range", range}}}};
    };
    const auto only = [](const char* test) { return json::array({{{"filter", test}}}); };
    const json where{
        {"y", {{"field", "value"}, {"type", "quantitative"}, {"title", what}, {"scale", {{"domain", {1.05 * low, 1.05 * high}}}}}},
        {"color", told_apart({"#7A4EA3", colours.of(0), colours.of(1), "#222222"})}};
    json lines = where, points = where;
    if (!outcomes) {  // outcomes have no order that a line could follow
        lines["strokeDash"] = told_apart(json::parse("[[1, 0], [7, 3], [2, 2], [1, 0]]"));
        lines["strokeWidth"] = {{"condition", {{"test", "datum.of == 'law'"}, {"value", 3}}}, {"value", 1.5}};
    }
    points["tooltip"] = tips;
    auto layers = json::array();
    layers.push_back({{"transform", only("datum.of != 'model'")},
                      {"mark", outcomes ? json{{"type", "tick"}, {"thickness", 3}} : json{{"type", "line"}}},
                      {"encoding", lines}});
    layers.push_back({{"transform", only("datum.of == 'model'")},
                      {"mark", {{"type", "point"}, {"filled", true}, {"size", 45}, {"opacity", 1}}},
                      {"encoding", points}});
    if (means)
        layers.push_back({{"transform", only("datum.of == 'model'")},
                          {"mark", {{"type", "point"}, {"shape", "cross"}, {"size", 30}, {"color", "#777777"}, {"clip", true}}},
                          {"encoding", {{"y", {{"field", "came"}, {"type", "quantitative"}}}, {"tooltip", tips}}}});
    const json text{{"type", "text"}, {"align", "right"}, {"baseline", "bottom"}, {"dy", -4}, {"fontSize", 13}};
    auto number = text, title = text;
    number["fontWeight"] = "bold", title["text"] = "training steps N =";
    const auto at = [](int x) { return json{{"x", {{"value", x}}}, {"y", {{"value", 0}}}}; };
    auto said = at(640);
    said["text"] = {{"field", "step"}, {"type", "quantitative"}, {"aggregate", "max"}, {"format", ",d"}};
    layers.push_back({{"mark", number}, {"encoding", said}});
    layers.push_back({{"data", {{"values", json::array({json::object()})}}}, {"mark", title}, {"encoding", at(584)}});
    json slider{{"name", "checkpoint"}, {"value", checkpoints}}, choice{{"name", "D"}, {"value", choices.back()}};
    slider["bind"] = {{"input", "range"}, {"min", 1}, {"max", checkpoints}, {"step", 1}, {"name", "checkpoint "}};
    choice["bind"] = {{"input", "select"}, {"options", choices}, {"name", "tasks D "}};
    f.looks = {{"width", 640}, {"height", 240}};
    f.looks["params"] = json::array({slider, choice});
    f.looks["transform"] = only("datum.checkpoint == checkpoint && datum.tasks == D");
    f.looks["transform"].push_back({{"fold", fields}, {"as", {"of", "value"}}});
    f.looks["encoding"]["x"] = {{"field", "place"},
                                {"type", outcomes ? "ordinal" : "quantitative"},
                                {"title", outcomes ? "outcome" : "position"},
                                {"axis", {{"labelAngle", 0}}}};
    if (!outcomes) {
        f.looks["encoding"]["x"]["scale"] = {{"padding", 8}, {"nice", false}, {"zero", false}};
        auto& ticks = f.looks["encoding"]["x"]["axis"]["values"] = json::array();
        for (std::size_t t : evenly(places, 9)) ticks.push_back(t + 1);
    }
    f.looks["layer"] = std::move(layers);
    f.looks["config"] = json::parse(R"({"font": "sans-serif", "view": {"stroke": "#CCCCCC"},
        "axis": {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "grid": false}, "legend": {"labelFontSize": 11}})");
    return f;
}

}  // namespace rationale

#endif
