#ifndef RATIONALE_EXPLANATION_TABLE_TEXT_HPP
#define RATIONALE_EXPLANATION_TABLE_TEXT_HPP

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "rationale/explanation/explanation_table.hpp"

namespace rationale {

/// The table for a terminal: a line a row, columns under one another, the explanations' words at most 80 wide.
[[nodiscard]] inline std::string table_text(const explanation_table& table,
                                            const std::vector<explanation_column>& columns = explanation_columns()) {
    auto [head, rows] = readable(table, columns);
    rows.insert(rows.begin(), head);
    std::vector<std::size_t> width(head.size());
    for (const auto& row : rows)
        for (std::size_t k = 0; k < row.size(); ++k) width[k] = (std::max)(width[k], row[k].size());
    if (!width.empty()) width[0] = (std::min)(width[0], std::size_t{80});
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t k = 0; k < row.size(); ++k) {
            const std::string room(row[k].size() < width[k] ? width[k] - row[k].size() : 0, ' ');
            const bool left = k == 0 || k + 1 == row.size();  // words; numbers stand on the right
            out += "  " + (left ? row[k] + (k == 0 ? room : "") : room + row[k]);
        }
        out += '\n';
    }
    return out;
}

}  // namespace rationale

#endif
