#ifndef RATIONALE_EXPLANATION_EXPLANATION_TABLE_HPP
#define RATIONALE_EXPLANATION_EXPLANATION_TABLE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "rationale/explanation/explanation.hpp"
#include "rationale/number_text.hpp"

namespace rationale {

/// Means over cells of each role, fitted and held out (in N, D or both), ID and OOD; NaN over no cells. Nothing is fitted OOD.
struct role_means {
    /// Stands for a mean over no cells.
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();
    /// Over ID cells.
    double fitted = none, held_out = none;
    /// Over OOD cells.
    double fitted_ood = none, held_out_ood = none;
};

/// An explanation and how well it does: mean divergences from the model.
struct explanation_row {
    explanation_facts facts{};                ///< what it is, with its values
    role_means mean{};                        ///< divergences, in nats or squared error
    std::vector<interval> value_intervals{};  ///< of facts.values over bootstrap samples, 95 %; empty without
    interval difference{};                    ///< of the held-out ID mean to the reference's: bootstrap, 95 %
    interval difference_ood{};                ///< the same OOD
    double across_tasks = role_means::none;   ///< cross-validated: each number of tasks left out in turn
    double across_steps = role_means::none;   ///< cross-validated: each of five stretches of training left out in turn
    double criterion = role_means::none;      ///< Takeuchi's: fitted + optimism; NaN for what is not identifiable
};

/// Explanations side by side, all measured against one of them.
struct explanation_table {
    std::string reference{};              ///< key of the row that differences are to
    std::vector<explanation_row> rows{};  ///< laws, the best on held-out cells first, then baselines, then ceilings

    /// The row of a key; null where there is none.
    [[nodiscard]] const explanation_row* find(std::string_view key) const noexcept {
        const auto at = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.facts.key == key; });
        return at == rows.end() ? nullptr : &*at;
    }
};

/// A fitted parameter, as a table writes it.
struct fitted_value {
    std::string name;    ///< of the parameter
    double value = 0;    ///< fitted
    interval between{};  ///< bootstrap, 95 %; NaN without
};

/// What stands in a table's cell.
using table_entry = std::variant<std::string, double, std::size_t, bool, interval, std::vector<fitted_value>>;

/// A column of every table of explanations: text, JSON, CSV and the page write what it says.
struct explanation_column {
    const char* key;                                 ///< in JSON and CSV
    const char* heading;                             ///< for readers
    table_entry (*value)(const explanation_row& r);  ///< of a row
};

/// The columns, in order. A further one is a further line here, or in a list of one's own that is given to the writers.
[[nodiscard]] inline const std::vector<explanation_column>& explanation_columns() {
    using row = const explanation_row&;
    static const std::vector<explanation_column> columns{
        {"explanation", "explanation", [](row r) -> table_entry { return r.facts.words; }},
        {"key", "", [](row r) -> table_entry { return r.facts.key; }},
        {"kind", "kind", [](row r) -> table_entry { return std::string(words(r.facts.kind)); }},
        {"parameters", "parameters", [](row r) -> table_entry { return r.facts.parameters; }},
        {"fitted", "fitted", [](row r) -> table_entry { return r.mean.fitted; }},
        {"held_out", "held out", [](row r) -> table_entry { return r.mean.held_out; }},
        {"fitted_ood", "ood", [](row r) -> table_entry { return r.mean.fitted_ood; }},
        {"held_out_ood", "held out, ood", [](row r) -> table_entry { return r.mean.held_out_ood; }},
        {"held_out_difference_95", "held out - law's, 95 %", [](row r) -> table_entry { return r.difference; }},
        {"held_out_ood_difference_95", "held out, ood - law's, 95 %", [](row r) -> table_entry { return r.difference_ood; }},
        {"cross_validated_over_tasks", "CV over D", [](row r) -> table_entry { return r.across_tasks; }},
        {"cross_validated_over_steps", "CV over N", [](row r) -> table_entry { return r.across_steps; }},
        {"takeuchi_criterion", "criterion", [](row r) -> table_entry { return r.criterion; }},
        {"identifiable", "identifiable", [](row r) -> table_entry { return r.facts.identifiable; }},
        {"log_spread", "", [](row r) -> table_entry { return r.facts.spread; }},
        {"values", "values", [](row r) -> table_entry {
             std::vector<fitted_value> out;
             for (std::size_t i = 0; i < r.facts.names.size(); ++i)
                 out.push_back({r.facts.names[i], r.facts.values[i], i < r.value_intervals.size() ? r.value_intervals[i] : interval{}});
             return out;
         }}};
    return columns;
}

/// Whether an entry says nothing.
[[nodiscard]] inline bool is_empty(const table_entry& e) {
    if (const auto* x = std::get_if<double>(&e)) return std::isnan(*x);
    if (const auto* x = std::get_if<interval>(&e)) return std::isnan(x->lower);
    if (const auto* x = std::get_if<std::string>(&e)) return x->empty();
    const auto* values = std::get_if<std::vector<fitted_value>>(&e);
    return values != nullptr && values->empty();
}

/// An entry for readers: four digits, "-" for what is undefined.
[[nodiscard]] inline std::string entry_text(const table_entry& e, int digits = 4) {
    if (is_empty(e)) return "-";
    if (const auto* x = std::get_if<std::string>(&e)) return *x;
    if (const auto* x = std::get_if<double>(&e)) return significant(*x, digits);
    if (const auto* x = std::get_if<std::size_t>(&e)) return std::to_string(*x);
    if (const auto* x = std::get_if<bool>(&e)) return *x ? "yes" : "no";
    if (const auto* x = std::get_if<interval>(&e)) return "[" + significant(x->lower, digits) + ", " + significant(x->upper, digits) + "]";
    std::string out;
    for (const auto& v : std::get<std::vector<fitted_value>>(e))
        out += (out.empty() ? "" : ", ") + v.name + " " + significant(v.value, digits - 1);
    return out;
}

/// A table for readers: the headings of the columns that say something in some row, and each row's entries.
struct readable_table {
    std::vector<std::string> head{};               ///< headings
    std::vector<std::vector<std::string>> rows{};  ///< entries, the explanation's words first
};
[[nodiscard]] inline readable_table readable(const explanation_table& table,
                                             const std::vector<explanation_column>& columns = explanation_columns()) {
    readable_table out;
    out.rows.resize(table.rows.size());
    for (const auto& column : columns) {
        std::vector<table_entry> entries;
        for (const auto& row : table.rows) entries.push_back(column.value(row));
        if (*column.heading == 0 || std::all_of(entries.begin(), entries.end(), is_empty)) continue;
        out.head.emplace_back(column.heading);
        for (std::size_t i = 0; i < entries.size(); ++i) out.rows[i].push_back(entry_text(entries[i]));
    }
    return out;
}

}  // namespace rationale

#endif
