#ifndef RATIONALE_FIGURE_REPORT_HPP
#define RATIONALE_FIGURE_REPORT_HPP

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/figure/analysis_figures.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/recording/write_aside.hpp"
#include "rationale/version.hpp"

namespace rationale {

/// What a report says of its making, and how it looks.
struct report_options {
    std::vector<std::string> command{};  ///< that made the report
    std::string vega{};                  ///< the text of vega, vega-lite and vega-embed; a public copy is linked where it is empty
    palette colours{};                   ///< of the strategies
};

namespace detail {

/// Versions of vega, vega-lite and vega-embed that figures are made for (examples/report/package.json).
inline constexpr const char* vega_versions[3][2] = {{"vega", "5.33.1"}, {"vega-lite", "5.23.0"}, {"vega-embed", "6.29.0"}};

inline std::string html(std::string_view text) {
    std::string out;
    for (char c : text) out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    return out;
}
inline std::string report_number(double x, const char* pattern = "%.4g") {
    if (std::isnan(x)) return "&ndash;";
    char text[40];
    std::snprintf(text, sizeof text, pattern, x);
    return text;
}
/// JSON inside a script element must not close it.
inline std::string script_json(const nlohmann::ordered_json& json) {
    std::string text = json.dump(), out;
    for (std::size_t i = 0; i < text.size(); ++i) out += text[i] == '<' ? "\\u003c" : std::string(1, text[i]);
    return out;
}
inline std::string html_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
    std::string out = "<table><thead><tr>";
    for (const auto& cell : head) out += "<th scope=\"col\">" + cell + "</th>";
    out += "</tr></thead><tbody>";
    for (const auto& row : rows) {
        out += "<tr>";
        for (const auto& cell : row) out += "<td>" + cell + "</td>";
        out += "</tr>";
    }
    return out + "</tbody></table>\n";
}

/// What the model does, when it switches, and how sure that is, in words.
inline std::vector<std::string> report_words(const recording_analysis& a) {
    std::vector<std::string> out;
    const std::string &m = a.strategies[0], &g = a.strategies[1];
    std::size_t to_m = 0, to_g = 0;
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        double last = undefined;
        for (const auto& c : a.cells)
            if (c.run == i && c.split == 0 && c.relative.defined()) last = c.relative.value;
        to_m += last > 0.5, to_g += last <= 0.5;
    }
    out.push_back("At its last checkpoint the model is nearer to " + m + " in " + std::to_string(to_m) + " of " +
                  std::to_string(a.runs.size()) + " runs and nearer to " + g + " in " + std::to_string(to_g) + ".");
    for (const auto& s : a.scores) {
        if (s.split != 0 || (s.role != cell_role::fitted && s.role != cell_role::held_out_steps)) continue;
        const std::string unit = a.kind == prediction_kind::mean ? " (squared error)" : " nats (KL)";
        out.push_back("On cells " + std::string(s.role == cell_role::fitted ? "that it was fitted to" : "of later steps, held out") +
                      ", the law's mixture is " + report_number(s.law_loss) + unit + " from the model, the best weights of " + m + " and " +
                      g + " in every cell " + report_number(s.pair_loss) + ".");
    }
    std::string when;
    for (const auto& r : a.runs)
        when += (when.empty() ? "" : "; ") + ("D = " + std::to_string(r.tasks) + ": " + r.memorizing_leads.words());
    out.push_back("By the law, " + m + " overtakes " + g + ": " + when + ".");
    out.push_back(a.fit.identifiable() ? "The recording determines all parameters of the law."
                                       : "The recording does not determine all parameters of the law: see the notes.");
    return out;
}

inline constexpr const char* report_style = R"(
:root{color-scheme:light}
body{font:16px/1.5 system-ui,sans-serif;max-width:1080px;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.35rem;margin:2.5rem 0 .5rem;border-top:1px solid #ccc;padding-top:1rem}h3{font-size:1.05rem;margin:1.6rem 0 .2rem}
figure{margin:1rem 0 1.8rem;overflow-x:auto}figcaption{color:#444;font-size:.92rem;max-width:46rem}
.drawing{min-height:260px}.vega-embed{max-width:100%}.vega-embed svg{max-width:100%;height:auto}
table{border-collapse:collapse;font-size:.9rem;margin:.6rem 0}th,td{padding:.2rem .7rem;border-bottom:1px solid #ddd;text-align:right}th:first-child,td:first-child{text-align:left}
code{background:#f3f3f3;padding:.1rem .25rem;overflow-wrap:anywhere}nav a{margin-right:1rem}
@media print{body{max-width:none;margin:0;font-size:11pt}figure{break-inside:avoid}.vega-embed summary{display:none}nav{display:none}}
)";

}  // namespace detail

/// Writes index.html with the analyses in words, figures and tables, and beside it in figures/ each figure's specification and data. The
/// page works from a file; with options.vega it needs no network. Throws recording_error where something cannot be written.
inline void write_report(const std::filesystem::path& folder, std::span<const recording_analysis> all, const report_options& options = {}) {
    using namespace detail;
    std::filesystem::create_directories(folder / "figures");
    std::string body, specifications, contents;
    std::size_t drawn = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& a = all[i];
        const std::string id = "recording-" + std::to_string(i + 1);
        contents += "<a href=\"#" + id + "\">" + html(a.name) + "</a>";
        body += "<section id=\"" + id + "\"><h2>" + html(a.name) + "</h2>\n<p>" + std::to_string(a.runs.size()) +
                " runs of the family <code>" + html(a.family) + "</code>.";
        for (const auto& sentence : report_words(a)) body += " " + html(sentence);
        body += "</p>\n<p>Law (" + html(a.fit.law.name()) + "): log p(Q | N) = &minus;" + html(a.fit.law.evidence_formula()) +
                " L<sub>Q</sub> &minus; " + html(a.fit.law.prior_formula()) + " + const, Q in {" +
                html(short_names(a.strategies, a.law_strategies, ", ")) + "}.</p>\n";
        for (const auto& f : figures_of(a, options.colours)) {
            const std::string name = (all.size() > 1 ? std::to_string(i + 1) + "-" : std::string()) + f.name,
                              at = "figure-" + std::to_string(++drawn);
            write_aside(folder / "figures" / (name + ".vl.json"), f.specification().dump(1) + "\n");
            write_aside(folder / "figures" / (name + ".csv"), f.csv());
            body += "<figure><h3>" + html(f.title) + "</h3><figcaption>" + html(f.caption) + " <a href=\"figures/" + name +
                    ".csv\">data</a></figcaption><div class=\"drawing\" id=\"" + at + "\" role=\"img\" aria-label=\"" +
                    html(f.title + ". " + f.caption) + "\"></div></figure>\n";
            specifications +=
                "<script type=\"application/json\" data-figure=\"" + at + "\">" + script_json(f.specification()) + "</script>\n";
        }
        std::vector<std::vector<std::string>> rows;
        for (std::size_t k = 0; k < a.fit.values.size(); ++k) {
            const auto& x = a.around.intervals[k];
            rows.push_back({html(a.fit.declared()[k].name), report_number(a.fit.values[k]),
                            a.fit.identifiable() ? report_number(x.lower) + " to " + report_number(x.upper) : "not identifiable"});
        }
        body += "<h3>The law's parameters</h3>" + html_table({"parameter", "value", "95 % (sandwich)"}, rows);
        rows.clear();
        for (const auto& s : a.scores)
            rows.push_back({html(words(s.role)), splits[s.split], std::to_string(s.cells), report_number(s.law_loss),
                            report_number(s.pair_loss), report_number(s.correlation, "%.3f")});
        body += "<h3>Scores, fitted and held out apart</h3>" +
                html_table({"cells", "split", "count", a.kind == prediction_kind::mean ? "squared error" : "KL, nats", "best of M and G",
                            "correlation"},
                           rows);
        if (!a.notes.empty()) {
            body += "<h3>To be careful with</h3><ul>";
            for (const auto& note : a.notes) body += "<li>" + html(note) + "</li>";
            body += "</ul>\n";
        }
        body += "</section>\n";
    }
    std::string command;
    for (const auto& word : options.command) command += (command.empty() ? "" : " ") + word;
    std::string programs;
    if (options.vega.empty())
        for (const auto& [name, version] : vega_versions)
            programs += std::string("<script src=\"https://cdn.jsdelivr.net/npm/") + name + "@" + version + "\"></script>\n";
    else programs = "<script>" + options.vega + "</script>\n";
    const std::string page =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">"
        "<title>Rational analysis</title><link rel=\"icon\" href=\"data:,\"><style>" +
        std::string(report_style) + "</style></head><body>\n<header><h1>Rational analysis of " + std::to_string(all.size()) + " recording" +
        (all.size() == 1 ? "" : "s") + "</h1><nav>" + contents + "</nav></header>\n<main>\n" + body +
        "</main>\n<footer><h2>How this was made</h2><p>Rationale " + std::to_string(version_major) + "." + std::to_string(version_minor) +
        "." + std::to_string(version_patch) + ": <code>" + html(command) + "</code></p>" +
        (options.vega.empty() ? "<p>The figures are drawn by a public copy of Vega-Lite, which needs the network.</p>" : "") +
        "<noscript>The figures need JavaScript; their data is in figures/.</noscript></footer>\n" + specifications + programs +
        "<script>for(const e of document.querySelectorAll('script[data-figure]'))vegaEmbed('#'+e.dataset.figure,JSON.parse(e.textContent),"
        "{renderer:'svg',actions:{export:true,source:false,compiled:false,editor:false}}).catch(error=>console.error(error))</script>\n</"
        "body></html>\n";
    write_aside(folder / "index.html", page);
}

}  // namespace rationale

#endif
