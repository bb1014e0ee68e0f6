// Boundaries between memorizing and generalizing over the number of tasks and the size of the model, of several recordings together.
#ifndef RATIONALE_FIGURE_MODEL_SIZE_HPP
#define RATIONALE_FIGURE_MODEL_SIZE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/scores.hpp"
#include "rationale/figure/html.hpp"
#include "rationale/figure/recordings.hpp"
#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

/// Recordings of one family whose models have several sizes, the smallest first.
struct recordings_by_size {
    std::string of{};                                ///< the manifest's key: parameters, of the model, or else width
    std::vector<double> size{};                      ///< of each recording
    std::vector<const recording_analysis*> which{};  ///< the recordings
};

/// For each family of which several recordings state a size, and not all the same: the number of their models' parameters where all of
/// these give it, otherwise their width, of those that do. They refer to `all`.
[[nodiscard]] inline std::vector<recordings_by_size> by_model_size(std::span<const recording_analysis> all) {
    std::vector<recordings_by_size> out;
    std::set<std::string> families;
    for (const auto& first : all) {
        if (!families.insert(first.family).second) continue;
        for (const char* key : {"parameters", "width"}) {
            std::vector<std::pair<double, const recording_analysis*>> sized;
            std::size_t others = 0;
            for (const auto& a : all) {
                if (a.family != first.family) continue;
                const double size = detail::setting_of(a, key);
                if (size > 0 && std::isfinite(size)) sized.emplace_back(size, &a);
                else others += std::isfinite(detail::setting_of(a, "width"));
            }
            std::stable_sort(sized.begin(), sized.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
            if (sized.empty() || others > 0 || sized.front().first == sized.back().first) continue;
            auto& of = out.emplace_back(recordings_by_size{.of = key});
            for (const auto& [size, a] : sized) of.size.push_back(size), of.which.push_back(a);
            break;
        }
    }
    return out;
}

/// Two neighbouring numbers of tasks between which the last checkpoint passes from nearer memorizing to nearer generalizing, or back.
struct task_passage {
    std::size_t from = 0, to = 0;  ///< D
    bool back = false;             ///< from nearer generalizing to nearer memorizing
};

/// What a recording's last checkpoints say, ID.
struct task_passages {
    std::vector<task_passage> at{};   ///< by D
    std::size_t least = 0, most = 0;  ///< the first and last D that have a relative distance; 0 where there is none
    bool memorizing = false;          ///< whether the model is nearer memorizing at the first
};

/// Of each number of tasks the last checkpoint's relative distance, the mean over seeds, is nearer memorizing where it is above 1/2.
[[nodiscard]] inline task_passages passages_of(const recording_analysis& a) {
    const auto last = last_relative_distances(a);
    std::map<std::size_t, std::vector<double>> by_tasks;
    for (std::size_t i = 0; i < a.runs.size(); ++i)
        if (!std::isnan(last[i])) by_tasks[a.runs[i].tasks].push_back(last[i]);
    task_passages out;
    bool before = false;
    for (const auto& [tasks, of_seeds] : by_tasks) {
        const bool memorizing = detail::mean_of_numbers(of_seeds) > 0.5;
        if (out.least == 0) out.least = tasks, out.memorizing = memorizing;
        else if (memorizing != before) out.at.push_back({out.most, tasks, memorizing});
        out.most = tasks, before = memorizing;
    }
    return out;
}

namespace detail {
/// The same in words: "between D = 64 and 128".
inline std::string passages_in_words(const task_passages& p) {
    if (p.least == 0) return "undefined";
    if (p.at.empty())
        return std::string("nowhere, nearer ") + (p.memorizing ? "memorizing" : "generalizing") + " from D = " + std::to_string(p.least) +
               " to " + std::to_string(p.most);
    std::string out;
    for (const auto& at : p.at)
        out += (out.empty() ? "" : ", ") + std::string(at.back ? "back " : "") + "between D = " + std::to_string(at.from) + " and " +
               std::to_string(at.to);
    return out;
}

/// Boundaries over D and model size: a line for each recording, the smallest model first.
inline std::string size_table(const recordings_by_size& of) {
    std::set<std::size_t> tasks;
    for (const auto* a : of.which)
        for (const auto& r : a->runs) tasks.insert(r.tasks);
    std::vector<std::string> head{of.of, "recording", "last checkpoint: M to G"};
    for (const std::size_t d : tasks) head.push_back("N*, D = " + std::to_string(d));
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < of.which.size(); ++i) {
        const auto& a = *of.which[i];
        auto& row = rows.emplace_back(std::vector{plain_number(of.size[i], 4), a.name, passages_in_words(passages_of(a))});
        for (const std::size_t d : tasks) {
            std::string of_seeds;
            for (const auto& r : a.runs)
                if (r.tasks == d)
                    of_seeds +=
                        (of_seeds.empty() ? "" : ", ") + (r.memorizing_leads.within(last_step(r)) ? step_text(r.memorizing_leads.steps)
                                                                                                  : r.memorizing_leads.words(last_step(r)));
            row.push_back(of_seeds.empty() ? "–" : of_seeds);
        }
    }
    return html_table("Boundaries over tasks D and model size (" + of.of + "), " + of.which[0]->family +
                          ": between which D the last checkpoint passes from nearer memorizing to nearer generalizing, and after how many "
                          "steps N* memorizing overtakes generalizing by each recording's law",
                      head, rows);
}
}  // namespace detail

/// When memorizing overtakes generalizing by each recording's law, against the number of tasks, a line for each size of the model; and at
/// the last checkpoint's step between which numbers of tasks that passes from nearer memorizing to nearer generalizing, a bar.
[[nodiscard]] inline figure boundaries_by_size(const recordings_by_size& of) {
    using namespace detail;
    figure f{
        "boundaries-by-" + of.of,
        "Boundaries over tasks and model size, " + of.which[0]->family,
        "N* by each recording's law against the number of tasks, at 1 from the start or before the first step, a line for each size (" +
            of.of +
            "); the bar, at the last checkpoint, spans the numbers of tasks between which that passes from nearer memorizing to nearer "
            "generalizing.",
        figure_json::array(),
        {}};
    for (std::size_t i = 0; i < of.which.size(); ++i) {
        const auto& a = *of.which[i];
        const auto add = [&](std::size_t tasks, std::int64_t seed, double law, figure_json to, double last) {
            f.data.push_back({{"recording", a.name},
                              {"size", of.size[i]},
                              {"tasks", tasks},
                              {"seed", seed},
                              {"law", figure_number(law)},
                              {"to_tasks", std::move(to)},
                              {"last_step", figure_number(last)}});
        };
        double last = 0;
        for (const auto& r : a.runs) {
            add(r.tasks, r.seed, crossover_by_law(r), nullptr, undefined);
            if (!r.steps.empty()) last = (std::max)(last, last_step(r));
        }
        for (const auto& at : passages_of(a).at) add(at.from, 0, undefined, at.to, last);
    }
    // Bars that lie over one another are told apart by their widths, the narrow ones on top.
    auto widths = figure_json::array();
    for (std::size_t left = std::set<double>(of.size.begin(), of.size.end()).size(); left > 0; --left) widths.push_back(4 * left);
    auto law = upwards("law", "training steps N*", logarithmic), step = upwards("last_step", "training steps N*", logarithmic);
    for (auto* y : {&law, &step}) (*y)["axis"]["format"] = "~s", (*y)["axis"]["tickCount"] = 6;
    return drawn(
        std::move(f), R"({"width": 460, "height": 240,
        "encoding": {"x": "$tasks", "color": {"field": "size", "type": "ordinal", "title": "$of", "scale": {"scheme": "viridis"},
            "legend": {"symbolOpacity": 1, "symbolStrokeWidth": 2, "columns": 8}}},
        "layer": [
            {"needs": "law", "mark": {"type": "line", "point": {"size": 40}},
             "encoding": {"y": "$law", "detail": "$lines", "tooltip": "$tooltip"}},
            {"needs": "to_tasks", "mark": {"type": "rule", "opacity": 1},
             "encoding": {"x2": {"field": "to_tasks"}, "y": "$step", "tooltip": "$passes",
                          "strokeWidth": {"field": "size", "type": "ordinal", "legend": null, "scale": {"range": "$widths"}}}}]})",
        {{"$of", of.of},
         {"$widths", widths},
         {"$law", law},
         {"$step", step},
         {"$lines", figure_json::parse(R"([{"field": "recording", "type": "nominal"}, {"field": "seed", "type": "nominal"}])")},
         {"$tooltip", tooltip_of({{"recording", "recording"}, {"size", of.of}}, {{"law", "N* by the law"}})},
         {"$passes", tooltip_of({{"recording", "recording"}, {"size", of.of}, {"to_tasks", "to D"}}, {{"last_step", "at step"}})}});
}

}  // namespace rationale

#endif
