#ifndef RATIONALE_EXPLANATION_TABLE_CSV_HPP
#define RATIONALE_EXPLANATION_TABLE_CSV_HPP

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "rationale/csv.hpp"
#include "rationale/explanation/explanation_table.hpp"

namespace rationale {

namespace detail {

/// An entry's field: an interval as "lower upper", values as "name value" with semicolons between them.
inline std::string csv_entry(const table_entry& e) {
    if (const auto* x = std::get_if<double>(&e)) return csv_number(*x);
    if (const auto* x = std::get_if<interval>(&e)) return is_empty(e) ? "" : csv_number(x->lower) + " " + csv_number(x->upper);
    if (const auto* values = std::get_if<std::vector<fitted_value>>(&e)) {
        std::string out;
        for (const auto& v : *values) out += (out.empty() ? "" : "; ") + v.name + " " + csv_number(v.value);
        return out;
    }
    return is_empty(e) ? "" : entry_text(e);
}

}  // namespace detail

/// A table, and what it is of.
struct named_table {
    std::string recording;           ///< name of the recording
    std::string name;                ///< of the table
    const explanation_table* table;  ///< not null
};

/// Tables under one header: a row for each explanation, behind its recording and its table.
[[nodiscard]] inline std::string tables_csv(const std::vector<named_table>& tables,
                                            const std::vector<explanation_column>& columns = explanation_columns()) {
    std::vector<std::string> fields{"recording", "table"};
    for (const auto& column : columns) fields.emplace_back(column.key);
    std::string out = csv_line(fields);
    for (const auto& [recording, name, table] : tables)
        for (const auto& row : table->rows) {
            fields = {recording, name};
            for (const auto& column : columns) fields.push_back(detail::csv_entry(column.value(row)));
            out += csv_line(fields);
        }
    return out;
}

}  // namespace rationale

#endif
