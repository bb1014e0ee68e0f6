#ifndef RATIONALE_FIGURE_REPORT_HPP
#define RATIONALE_FIGURE_REPORT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/report_words.hpp"
#include "rationale/figure/analysis_figures.hpp"
#include "rationale/figure/glance.hpp"
#include "rationale/figure/html.hpp"
#include "rationale/figure/model_size.hpp"
#include "rationale/figure/page.hpp"
#include "rationale/figure/report_tables.hpp"
#include "rationale/figure/reserved_size.hpp"
#include "rationale/figure/thinned.hpp"
#include "rationale/figure/training_slider.hpp"
#include "rationale/number_text.hpp"
#include "rationale/recording/write_aside.hpp"

namespace rationale {

/// Provenance that a report states, and its appearance.
struct report_options {
    /// Names and what they stand for, in order.
    using named = std::vector<std::pair<std::string, std::string>>;

    std::vector<std::string> command{};  ///< command line that made the report
    named versions{};                    ///< versions of the software
    named hashes{};                      ///< SHA-256 of each file of the recordings
    std::string vega{};                  ///< the text of vega, vega-lite and vega-embed; a public copy is linked where it is empty
    palette colours{};                   ///< colours of the strategies
};

namespace detail {

/// Versions of vega, vega-lite and vega-embed that figures are made for (examples/report/package.json).
inline constexpr const char* vega_versions[3][2] = {{"vega", "5.33.1"}, {"vega-lite", "5.23.0"}, {"vega-embed", "6.29.0"}};

/// A command as a shell reads it.
inline std::string shell_words(const std::vector<std::string>& command) {
    std::string out;
    for (const auto& word : command) {
        const bool plain =
            !word.empty() &&
            word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%") == std::string::npos;
        out += out.empty() ? "" : " ";
        if (!plain) out += '\'';
        for (char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
        if (!plain) out += '\'';
    }
    return out;
}

/// A figure for the page: its specification, and its rows under common columns and with eight digits, which is a third as long.
inline std::string page_figure(const figure& f) {
    nlohmann::ordered_json out{{"spec", f.spec}};
    for (const auto& [column, value] : f.data[0].items()) out["columns"].push_back(column);
    for (const auto& row : f.data) {
        auto values = nlohmann::ordered_json::array();
        for (const auto& value : row)
            values.push_back(value.is_number_float() ? nlohmann::ordered_json(rounded(value.get<double>(), 8)) : value);
        out["rows"].push_back(std::move(values));
    }
    return script_json(out);
}

/// Writes figures beside the page and collects what the page needs of them.
class figure_shelf {
public:
    figure_shelf(std::filesystem::path folder, const palette& colours) : folder_(std::move(folder)), colours_(colours) {
        std::filesystem::create_directories(folder_ / "figures");
    }
    [[nodiscard]] const palette& colours() const { return colours_; }
    /// The figure's place on the page, of a size that drawing it does not change. The place says where the numbers are until it is drawn.
    std::string add(const figure& f, const std::string& prefix = {}) {
        if (f.data.empty()) return {};
        const std::string at = "figure-" + std::to_string(++count_), name = file_name(prefix + f.name), files = "figures/" + name;
        write_aside(folder_ / (files + ".vl.json"), f.specification().dump(1, ' ', false, figure_json::error_handler_t::replace) + "\n");
        write_aside(folder_ / (files + ".csv"), f.csv());
        scripts_ += "<script type=\"application/json\" data-figure=\"" + at + "\">" + page_figure(f) + "</script>\n";
        const auto size = reserved_size(f);
        const std::string width = decimals(size.width, 0), height = decimals(size.height, 0);
        const std::string controls = f.spec.contains("params") ? "<div class=\"controls\" id=\"" + at + "-controls\"></div>" : "";
        return "<figure aria-labelledby=\"" + at + "-title\"><h3 id=\"" + at + "-title\">" + html(f.title) + anchor(at + "-title") +
               "</h3><figcaption>" + html(f.caption) + "</figcaption><div class=\"links\"><a href=\"" + files +
               ".csv\">data (CSV)</a><a href=\"" + files + ".vl.json\">Vega-Lite</a><button data-save=\"" + at +
               "\">save as SVG</button></div>" + controls + "<div class=\"drawing\" id=\"" + at + "\" data-name=\"" + html(name) +
               "\" aria-label=\"" + html(f.title + ". " + f.caption) + "\" style=\"width:" + width + "px;--kept:" + width + "/" + height +
               "\"><p class=\"missing\">Not drawn: this page's scripts do not run, JavaScript is off or refused here. <a href=\"" + files +
               ".csv\">Its numbers</a>.</p></div></figure>\n";
    }
    [[nodiscard]] const std::string& scripts() const { return scripts_; }

private:
    /// A name that no file system cuts, and that no other figure has.
    std::string file_name(const std::string& wanted) {
        const std::string start = wanted.substr(0, 100);
        std::string name = start;
        for (std::size_t i = 2; !names_.insert(name).second; ++i) name = start + "-" + std::to_string(i);
        return name;
    }

    std::filesystem::path folder_;
    palette colours_;
    std::set<std::string> names_;
    std::string scripts_;
    std::size_t count_ = 0;
};

/// The law's first three parameters with their intervals.
inline std::string numbers_of(const recording_analysis& a) {
    std::string out;
    for (std::size_t i = 0; i < (std::min)(a.fit.values.size(), std::size_t{3}); ++i) {
        const auto& sure = a.over_runs;
        const bool known = is_determined(a.fit, i), has = i < sure.intervals.size() && !std::isnan(sure.intervals[i].lower);
        out += "<div><dt>" + html(in_greek(std::string(a.fit.declared()[i].name))) + "</dt><dd>" + short_number(a.fit.values[i], 3) +
               "<small>" +
               (!known ? "not identifiable"
                       : (has ? from_to(sure.intervals[i]) : std::string("no interval")) +
                             (i < sure.determined.size() && sure.determined[i] ? "" : ", not determined")) +
               "</small></dd></div>";
    }
    return "<p class=\"what\">The law's parameters, " + html(over_what(a.over_runs)) + "</p><dl class=\"numbers\">" + out + "</dl>\n";
}

/// What is in a figure's place where there is nothing to draw.
inline std::string or_why_not(std::string figure, const std::string& why) {
    return figure.empty() ? "<figure><p class=\"missing\">" + html(why) + "</p></figure>\n" : std::move(figure);
}

/// A heading with a link to its section.
inline std::string heading(const std::string& id, std::string_view words) {
    return "<h2 id=\"" + id + "-title\">" + html(words) + anchor(id) + "</h2>\n";
}

/// A recording at a glance: the map, a sentence, the law's numbers, and the phase diagram, observed and predicted.
inline std::string card_of(const recording_analysis& a, figure_shelf& shelf, const std::string& id, const std::string& prefix) {
    std::string out = "<section class=\"card\" id=\"" + id + "\" aria-labelledby=\"" + id + "-title\">" + heading(id, a.name) +
                      "<p class=\"said\">" + html(nearer_in_words(a)) + "</p>\n";
    for (const auto& sentence : contradictions_of(a)) out += "<p class=\"against\">" + html(sentence) + "</p>\n";
    out +=
        "<div class=\"halves\">" +
        or_why_not(shelf.add(belief_glance(a, shelf.colours()), prefix),
                   "No map of memory and trust: " + (a.no_memory.empty() ? "this analysis has none, as generalizing is not Bayes with the "
                                                                           "family's own prior, or it was left out."
                                                                         : a.no_memory + ".")) +
        "<div>" + numbers_of(a) +
        or_why_not(shelf.add(phase_diagrams(a, shelf.colours()), prefix),
                   "No phase diagram: the relative distance is undefined in every cell.") +
        "</div></div>\n<p class=\"links\"><a href=\"#" + id + "-details\">Details</a></p></section>\n";
    return out;
}

/// The words, all figures and tables of a recording.
inline std::string section_of(const recording_analysis& whole, const recording_analysis& a, figure_shelf& shelf, const std::string& id,
                              const std::string& prefix) {
    const auto w = words_of(whole);
    std::string out =
        "<section class=\"details\" id=\"" + id + "\" aria-labelledby=\"" + id + "-title\">" + heading(id, whole.name + ": details") +
        "<p>" + std::to_string(a.runs.size()) + (a.runs.size() == 1 ? " run" : " runs") + " of the family <code>" + html(a.family) +
        "</code>. Law (" + html(a.fit.law.name()) + "): log p(Q | N) = &minus;" + html(a.fit.law.evidence_formula()) +
        " L<sub>Q</sub> &minus; " + html(a.fit.law.prior_formula()) + " + const, Q in {" +
        html(short_names(a.strategies, a.law_strategies, ", ")) + "}, fitted to " + std::to_string(a.fit.cells) + " cells.</p>\n";
    if (a.cells.size() < whole.cells.size())
        out += "<p>Figures show " + std::to_string(a.cells.size()) + " of " + std::to_string(whole.cells.size()) +
               " cells: of each run at most " + std::to_string(most_checkpoints(a)) + " of " + std::to_string(most_checkpoints(whole)) +
               " checkpoints, evenly chosen. Crossovers and turns of the gap are those of all. cells.csv has all, and "
               "everything was fitted to all.</p>\n";
    out += (w.learned.empty() ? "" : "<p>" + html(w.learned) + "</p>") + "<dl><dt>What the model does</dt><dd>" + html(w.does) +
           "</dd><dt>When it switches</dt><dd>" + html(w.switches);
    for (const auto& sentence : w.contradictions) out += " <span class=\"against\">" + html(sentence) + "</span>";
    out += "</dd><dt>How sure that is</dt><dd>" + html(w.sure) +
           (w.costs.empty() ? "" : "</dd><dt>What it costs not to know</dt><dd>" + html(w.costs)) + "</dd></dl>\n";
    if (!whole.notes.empty()) {
        out += "<details id=\"" + id + "-notes\" open><summary>To be careful with" + anchor(id + "-notes") + "</summary><ul>";
        for (const auto& note : whole.notes) out += "<li>" + html(note) + "</li>";
        out += "</ul></details>\n";
    }
    out += square_tables(whole, id) + parameter_table(whole, id) + score_table(whole, id) + comparison_table(whole, id) +
           memory_table(whole, id) + run_table(whole, id) + regret_table(whole, id);
    const auto figures = figures_of(a, whole, shelf.colours());
    for (std::size_t i = 0; i < figures.size(); ++i) {
        out += shelf.add(figures[i], prefix);
        if (i == 0) out += shelf.add(training_slider(whole, shelf.colours()), prefix);
    }
    return out + "</section>\n";
}

/// What files of each recording begin with: the name of its folder, whatever recordings stand beside it; a second of the same name has a
/// number.
inline std::vector<std::string> keys_of(std::span<const recording_analysis> all) {
    std::vector<std::string> out;
    for (const auto& a : all) {
        const auto folder = std::filesystem::path(a.folder).lexically_normal();
        const auto name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
        const std::string start = name.empty() ? "recording" : column("", name);
        std::string key = start;
        for (std::size_t i = 2; std::find(out.begin(), out.end(), key) != out.end(); ++i) key = start + "-" + std::to_string(i);
        out.push_back(key);
    }
    return out;
}

}  // namespace detail

/// Writes index.html with the analyses in words, figures and tables, and beside it in figures/ each figure's specification and data. The
/// page works from a file; with options.vega it needs no network. index.html comes last, and every file is there whole or not at all.
/// Throws recording_error where something cannot be written.
inline void write_report(const std::filesystem::path& folder, std::span<const recording_analysis> all, const report_options& options = {}) {
    using namespace detail;
    figure_shelf shelf(folder, options.colours);
    const bool several = all.size() > 1;
    std::string contents, cards, body;
    std::vector<recording_analysis> drawn;
    for (const auto& a : all) drawn.push_back(thinned(a));
    const auto keys = keys_of(all);
    const auto id_of = [](std::size_t i) { return "recording-" + std::to_string(i + 1); };
    const auto prefix_of = [&](std::size_t i) { return keys[i] + "-"; };
    for (std::size_t i = 0; i < all.size(); ++i) {
        contents += "<li><a href=\"#" + id_of(i) + "\">" + html(all[i].name) + "</a></li>";
        cards += card_of(drawn[i], shelf, id_of(i), prefix_of(i));
    }
    if (several) {
        contents += "<li><a href=\"#side-by-side\">Side by side</a></li>";
        body += "<section id=\"side-by-side\" aria-labelledby=\"side-by-side-title\">" + heading("side-by-side", "Side by side") +
                side_by_side(all);
        for (const auto& of : by_model_size(all)) body += size_table(of);
        for (const auto& f : figures_of(all, options.colours)) body += shelf.add(f);
        body += "</section>\n";
    }
    for (std::size_t i = 0; i < all.size(); ++i) body += section_of(all[i], drawn[i], shelf, id_of(i) + "-details", prefix_of(i));
    std::string programs, made;
    if (options.vega.empty())
        for (const auto& [name, version] : vega_versions)
            programs += std::string("<script src=\"https://cdn.jsdelivr.net/npm/") + name + "@" + version + "\"></script>\n";
    else programs = "<script>" + options.vega + "</script>\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto& [what, version] : options.versions) rows.push_back({what, version});
    for (const auto& [name, version] : vega_versions) rows.push_back({name, version});
    made += folded_table("versions", "Versions", {"", "version"}, rows);
    rows.clear();
    for (const auto& [file, hash] : options.hashes) rows.push_back({file, hash});
    if (!rows.empty()) made += folded_table("files", "Files that were read", {"file", "SHA-256"}, rows);
    const std::string title = "Rational analysis of " + (several ? std::to_string(all.size()) + " recordings" : all[0].name);
    write_aside(folder / "index.html",
                "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
                "initial-scale=1\"><title>" +
                    html(title) + "</title><link rel=\"icon\" href=\"data:,\"><style>" + page_style +
                    "</style></head><body>\n<a class=\"skip\" href=\"#main\">To the text</a>\n<header><h1>" + html(title) +
                    "</h1><nav aria-label=\"Contents\"><ul>" + contents +
                    "<li><a href=\"#made\">How this was made</a></li></ul></nav></header>\n<main id=\"main\">\n" + cards + body +
                    "<section id=\"made\" aria-labelledby=\"made-title\">" + heading("made", "How this was made") + "<p><code>" +
                    html(shown(shell_words(options.command))) + "</code></p>\n" +
                    (options.vega.empty() ? "<p>The figures are drawn by a public copy of Vega-Lite, which needs the network.</p>" : "") +
                    made + "</section>\n</main>\n" + shelf.scripts() + programs + "<script>" + page_script + "</script>\n</body></html>\n");
}

}  // namespace rationale

#endif
