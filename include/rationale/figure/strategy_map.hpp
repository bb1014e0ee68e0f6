#ifndef RATIONALE_FIGURE_STRATEGY_MAP_HPP
#define RATIONALE_FIGURE_STRATEGY_MAP_HPP

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/map.hpp"

namespace rationale {

namespace detail {

/// The strategies' colours mixed by the weights in the columns with this prefix, as an expression. Light adds up, with the usual exponent.
inline std::string mixed_colour(const std::vector<std::string>& strategies, const palette& colours, const std::string& prefix) {
    std::string out = "rgb(";
    for (std::size_t channel = 0; channel < 3; ++channel) {
        out += channel == 0 ? "255 * pow(" : ", 255 * pow(";
        for (std::size_t q = 0; q < strategies.size(); ++q) {
            const int level = std::stoi(std::string(colours.of(q)).substr(1 + 2 * channel, 2), nullptr, 16);
            out += (q == 0 ? "" : " + ") + figure_json(std::pow(level / 255.0, 2.2)).dump() + " * datum." + column(prefix, strategies[q]);
        }
        out += ", 1 / 2.2)";
    }
    return out + ")";
}
/// First letters of the strategy that has more than half of the weight, as an expression.
inline std::string leading_letters(const std::vector<std::string>& strategies, const std::string& prefix) {
    std::string out;
    for (const auto& name : strategies) {
        std::string letters;
        for (std::size_t i = 0; i < name.size(); ++i)
            if (i == 0 || name[i - 1] == ' ') letters += static_cast<char>(std::toupper(static_cast<unsigned char>(name[i])));
        out += "datum." + column(prefix, name) + " > 0.5 ? " + figure_json(letters).dump() + " : ";
    }
    return out + "''";
}

}  // namespace detail

/// Weights of three or more strategies as one colour a cell, the strategies' colours mixed in proportion, ID: of the best mixture, and by
/// the law.
[[nodiscard]] inline figure strategy_map(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{
        "strategy-map",
        "Strategies at a glance",
        "Each cell's colour is mixed from those of the strategies by their weights; letters say which has more than half. Left: of the "
        "mixture that explains the checkpoint best. Right: by the law.",
        figure_json::array(),
        {}};
    const auto& names = a.strategies;
    const cell_edges edges(a);
    for (const auto& c : a.cells) {
        if (c.split != split::id || names.size() < 3) continue;
        auto row = cell_row(a, c);
        for (std::size_t q = 0; q < names.size(); ++q)
            row[column("weight_", names[q])] = figure_number(q < c.mixing_weights.size() ? c.mixing_weights[q] : undefined);
        for (std::size_t q = 0; q < names.size(); ++q)
            row[column("law_", names[q])] = figure_number(q < c.predicted.size() ? c.predicted[q] : c.predicted.empty() ? undefined : 0);
        edges.add(row, c.run, c.step);
        f.data.push_back(std::move(row));
    }
    const bool has_best = std::any_of(a.cells.begin(), a.cells.end(),
                                      [](const analyzed_cell& c) { return c.split == split::id && !c.mixing_weights.empty(); });
    const auto panel = [&](const char* title, const std::string& prefix) {
        field_words weights;
        for (const auto& name : names) weights.emplace_back(column(prefix, name), name);
        const figure_json weighed{{"field", column(prefix, names[0])}, {"valid", true}};
        auto letters = marks_where(weighed, R"({"type": "text", "fontSize": 9, "color": "#111111"})");
        letters["encoding"]["text"] = {{"field", "letters"}, {"type", "nominal"}};
        auto out = map_of(a, {"mixed", nullptr, nullptr, tooltip_of({{"step", "N"}}, weights), {letters}, 270, title});
        out["layer"].erase(0);  // a cell without weights has no colour
        out["layer"][0]["where"] = out["where"] = weighed;
        out["layer"][0]["encoding"]["color"] = {{"field", "mixed"}, {"type", "nominal"}, {"scale", nullptr}};
        out["transform"] = {{{"calculate", mixed_colour(names, colours, prefix)}, {"as", "mixed"}},
                            {{"calculate", leading_letters(names, prefix)}, {"as", "letters"}}};
        out["resolve"]["scale"]["color"] = "independent";
        if (prefix == "law_" && has_best) return out;  // one key is enough
        // Nothing is drawn by this layer, but the key.
        auto range = figure_json::array();
        for (std::size_t q = 0; q < names.size(); ++q) range.push_back(colours.of(q));
        out["layer"].push_back({{"transform",
                                 {{{"aggregate", figure_json::array({{{"op", "count"}, {"as", "rows"}}})}},
                                  {{"calculate", figure_json(names[0]).dump()}, {"as", "strategy"}}}},
                                {"mark", {{"type", "point"}, {"filled", true}, {"opacity", 0}}},
                                {"encoding",
                                 {{"color",
                                   {{"field", "strategy"},
                                    {"type", "nominal"},
                                    {"title", nullptr},
                                    {"scale", {{"domain", names}, {"range", range}}},
                                    {"legend", {{"symbolType", "square"}, {"symbolOpacity", 1}, {"symbolSize", 140}, {"columns", 3}}}}}}}});
        return out;
    };
    return drawn(std::move(f), R"({"hconcat": ["$best", "$law"], "bounds": "flush", "spacing": 70})",
                 {{"$best", panel("best mixture", "weight_")}, {"$law", panel("law", "law_")}});
}

}  // namespace rationale

#endif
