#ifndef RATIONALE_FIGURE_HTML_HPP
#define RATIONALE_FIGURE_HTML_HPP

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/analysis/detail/number_words.hpp"

namespace rationale::detail {

/// Text as HTML, in an attribute too.
inline std::string html(std::string_view text) {
    std::string out;
    for (char c : text) out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    return out;
}
/// JSON inside a script element must not close it.
inline std::string script_json(const nlohmann::ordered_json& json) {
    std::string out;
    for (char c : json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace))
        out += c == '<' ? "\\u003c" : std::string(1, c);
    return out;
}
/// A link to a section or figure beside its heading.
inline std::string anchor(const std::string& id) {
    return "<a class=\"anchor\" href=\"#" + id + "\" aria-label=\"Link to this place\">#</a>";
}
/// A table with a caption; cells are text, the first of a row its name. It scrolls by itself where it is wider than the page.
inline std::string html_table(std::string_view caption, const std::vector<std::string>& head,
                              const std::vector<std::vector<std::string>>& rows) {
    std::string out = "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" + html(caption) + "\"><table><caption>" +
                      html(caption) + "</caption><thead><tr>";
    for (const auto& cell : head) out += "<th scope=\"col\">" + html(cell) + "</th>";
    out += "</tr></thead><tbody>";
    for (const auto& row : rows) {
        out += "<tr>";
        for (const auto& cell : row)
            out += &cell == row.data() ? "<th scope=\"row\">" + html(cell) + "</th>" : "<td>" + html(cell) + "</td>";
        out += "</tr>";
    }
    return out + "</tbody></table></div>\n";
}
/// The same, folded under its caption; a link to the id opens it.
inline std::string folded_table(const std::string& id, std::string_view caption, const std::vector<std::string>& head,
                                const std::vector<std::vector<std::string>>& rows) {
    return "<details id=\"" + id + "\"><summary>" + html(caption) + anchor(id) + "</summary>" + html_table(caption, head, rows) +
           "</details>\n";
}

}  // namespace rationale::detail

#endif
