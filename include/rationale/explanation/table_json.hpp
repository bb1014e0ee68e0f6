#ifndef RATIONALE_EXPLANATION_TABLE_JSON_HPP
#define RATIONALE_EXPLANATION_TABLE_JSON_HPP

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "rationale/explanation/explanation_table.hpp"

namespace rationale {

namespace detail {

/// JSON has no NaN and no infinity: null is undefined, the texts "inf" and "-inf" are infinite.
inline nlohmann::ordered_json json_number(double x) {
    if (std::isnan(x)) return nullptr;
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    return x;
}
inline nlohmann::ordered_json json_numbers(std::span<const double> x) {
    auto out = nlohmann::ordered_json::array();
    for (double v : x) out.push_back(json_number(v));
    return out;
}
inline nlohmann::ordered_json json_interval(const interval& x) {
    if (std::isnan(x.lower)) return nullptr;
    return {json_number(x.lower), json_number(x.upper)};
}
inline nlohmann::ordered_json json_entry(const table_entry& e) {
    if (const auto* x = std::get_if<std::string>(&e)) return *x;
    if (const auto* x = std::get_if<double>(&e)) return json_number(*x);
    if (const auto* x = std::get_if<std::size_t>(&e)) return *x;
    if (const auto* x = std::get_if<bool>(&e)) return *x;
    if (const auto* x = std::get_if<interval>(&e)) return json_interval(*x);
    auto out = nlohmann::ordered_json::array();
    for (const auto& v : std::get<std::vector<fitted_value>>(e))
        out.push_back({{"name", v.name}, {"value", json_number(v.value)}, {"value_95", json_interval(v.between)}});
    return out;
}

}  // namespace detail

/// The table's rows, each with every column's key.
[[nodiscard]] inline nlohmann::ordered_json to_json(const explanation_table& table,
                                                    const std::vector<explanation_column>& columns = explanation_columns()) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& row : table.rows) {
        auto& entry = out.emplace_back();
        for (const auto& column : columns) entry[column.key] = detail::json_entry(column.value(row));
        entry["reference"] = row.facts.key == table.reference;
    }
    return out;
}

}  // namespace rationale

#endif
