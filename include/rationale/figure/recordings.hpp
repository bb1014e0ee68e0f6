// Figures of several recordings together.
#ifndef RATIONALE_FIGURE_RECORDINGS_HPP
#define RATIONALE_FIGURE_RECORDINGS_HPP

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

namespace detail {
/// A recording's number of this name; NaN where it gives none.
inline double setting_of(const recording_analysis& a, const std::string& name) {
    for (const auto& [key, value] : a.settings)
        if (key == name) return value;
    return undefined;
}
}  // namespace detail

/// The numbers in which recordings of one family differ: width, context. Empty for other recordings.
[[nodiscard]] inline std::vector<std::string> differing_settings(std::span<const recording_analysis> all) {
    std::vector<std::string> out;
    if (all.empty() || std::any_of(all.begin(), all.end(), [&](const auto& a) { return a.family != all[0].family; })) return out;
    for (const auto& [name, value] : all[0].settings) {
        std::set<double> values;
        bool given = true;
        for (const auto& a : all) {
            const double x = detail::setting_of(a, name);
            given = given && std::isfinite(x);
            values.insert(x);
        }
        if (given && values.size() > 1) out.push_back(name);
    }
    return out;
}

/// The law's parameters with their 95 % intervals over runs against a number that the recordings give, a point a recording.
[[nodiscard]] inline figure parameters_against(std::span<const recording_analysis> all, const std::string& setting,
                                               const palette& colours = {}) {
    using namespace detail;
    figure f{"parameters-" + column("", setting),
             "Parameters against " + setting,
             "The fitted law's parameters with 95 % intervals over runs, a point a recording.",
             figure_json::array(),
             {}};
    for (const auto& a : all)
        for (std::size_t i = 0; i < a.fit.values.size(); ++i) {
            const bool known = is_determined(a.fit, i) && i < a.over_runs.intervals.size();
            f.data.push_back({{"recording", a.name},
                              {"setting", figure_number(setting_of(a, setting))},
                              {"parameter", std::string(a.fit.declared()[i].name)},
                              {"value", figure_number(a.fit.values[i])},
                              {"lower", figure_number(known ? a.over_runs.intervals[i].lower : undefined)},
                              {"upper", figure_number(known ? a.over_runs.intervals[i].upper : undefined)}});
        }
    auto tooltip = tooltip_of({{"recording", "recording"}, {"parameter", "parameter"}},
                              {{"setting", setting}, {"value", "value"}, {"lower", "95 % from"}, {"upper", "95 % to"}});
    tooltip.erase(0);
    return drawn(std::move(f), R"({"facet": {"column": {"field": "parameter", "type": "nominal", "title": null, "sort": null}},
        "spec": {"width": 180, "height": 160, "encoding": {"x": "$setting"}, "layer": [
            {"needs": "lower", "mark": {"type": "rule", "color": "$red"}, "encoding": {"y": "$lower", "y2": {"field": "upper"}}},
            {"needs": "setting", "mark": {"type": "line", "color": "$red", "strokeDash": [4, 3]}, "encoding": {"y": "$value"}},
            {"needs": "setting", "mark": {"type": "point", "filled": true, "size": 50, "color": "$red", "opacity": 1},
             "encoding": {"y": "$value", "tooltip": "$tooltip"}}]},
        "resolve": {"scale": {"y": "independent"}}})",
                 {{"$red", colours.of(0)},
                  {"$setting", upwards("setting", setting)},
                  {"$lower", upwards("lower", "value")},
                  {"$value", upwards("value", "value")},
                  {"$tooltip", tooltip}});
}

/// What memorizing gains over generalizing in expected loss, against a number that the recordings give, a line a number of tasks.
[[nodiscard]] inline figure loss_difference_against(std::span<const recording_analysis> all, const std::string& setting) {
    using namespace detail;
    figure f{"loss-difference-" + column("", setting),
             "What memorizing gains, against " + setting,
             "Expected loss of generalizing less that of memorizing; above 0 evidence is for memorizing.",
             figure_json::array(),
             {}};
    for (const auto& a : all)
        for (const auto& r : a.runs)
            f.data.push_back({{"recording", a.name},
                              {"tasks", r.tasks},
                              {"seed", r.seed},
                              {"setting", figure_number(setting_of(a, setting))},
                              {"gain", figure_number(r.known.loss[1] - r.known.loss[0])}});
    return drawn(std::move(f), R"({"width": 460, "height": 220, "layer": ["$zero",
        {"needs": "setting", "mark": {"type": "line", "point": {"size": 30}},
         "encoding": {"x": "$setting", "y": "$gain", "color": "$by-tasks", "detail": "$seed", "tooltip": "$tooltip"}}]})",
                 {{"$setting", upwards("setting", setting)},
                  {"$gain", upwards("gain", "loss difference, nats per position")},
                  {"$tooltip", tooltip_of({{"recording", "recording"}}, {{"setting", setting}, {"gain", "nats per position"}})}});
}

/// N*(D) of all recordings by their laws.
[[nodiscard]] inline figure crossovers_of(std::span<const recording_analysis> all) {
    using namespace detail;
    figure f{"crossovers-of-all",
             "When memorizing overtakes, all recordings",
             "N* by each recording's law, against the number of tasks. At 1: from the start or before the first step.",
             figure_json::array(),
             {}};
    for (const auto& a : all)
        for (const auto& r : a.runs)
            f.data.push_back({{"recording", a.name}, {"tasks", r.tasks}, {"seed", r.seed}, {"law", figure_number(crossover_by_law(r))}});
    auto y = upwards("law", "training steps N*", logarithmic);
    y["axis"]["format"] = "~s", y["axis"]["tickCount"] = 6;
    return drawn(std::move(f), R"({"needs": "law", "width": 460, "height": 240, "mark": {"type": "line", "point": {"size": 40}},
        "encoding": {"x": "$tasks", "y": "$y", "detail": "$seed", "tooltip": "$tooltip",
            "color": {"field": "recording", "type": "nominal", "title": null, "sort": null, "scale": {"scheme": "dark2"},
                      "legend": {"columns": 1, "labelLimit": 450}},
            "strokeDash": {"field": "recording", "type": "nominal", "title": null, "sort": null}}})",
                 {{"$y", y}, {"$tooltip", tooltip_of({{"recording", "recording"}}, {{"law", "N* by the law"}})}});
}

}  // namespace rationale

#endif
