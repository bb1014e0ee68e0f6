#ifndef RATIONALE_ANALYSIS_WRITE_CSV_HPP
#define RATIONALE_ANALYSIS_WRITE_CSV_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/csv.hpp"
#include "rationale/explanation/table_csv.hpp"
#include "rationale/recording/run_reader.hpp"

namespace rationale {

namespace detail {

/// What a row of cells.csv is made of.
struct cell_facts {
    const recording_analysis& of;
    const analyzed_run& run;
    const analyzed_cell& cell;
    const memory_cell& memory;   // all NaN where memory was not looked at
    const square_place& square;  // likewise
    const regret_cell& regret;   // likewise
};

/// A column of cells.csv: its name, and a cell's field.
using cell_column = std::pair<std::string, std::function<std::string(const cell_facts&)>>;

inline cell_column number_column(std::string name, const std::function<double(const cell_facts&)>& of) {
    return {std::move(name), [of](const cell_facts& f) { return csv_number(of(f)); }};
}

/// What columns call strategy number q of a recording: the first is memorizing and the second generalizing, whatever stands for them, so
/// that copying's are generalizing's.
inline std::string name_in_columns(const recording_analysis& a, std::size_t q) {
    constexpr std::array roles{"memorizing", "generalizing"};
    if (q >= roles.size()) return a.strategies[q];
    const auto at = std::find(a.strategies.begin(), a.strategies.end(), roles[q]);
    return at == a.strategies.end() || at == a.strategies.begin() + static_cast<std::ptrdiff_t>(q) ? roles[q] : a.strategies[q];
}

/// A column for every strategy of any recording, with that strategy's entry of `of(facts)`, nothing where it has none.
inline void add_by_strategy(std::vector<cell_column>& to, const std::string& prefix, const std::vector<std::string>& names,
                            const std::function<std::vector<double>(const cell_facts&)>& of) {
    for (const auto& name : names) {
        std::string words = prefix + name;
        std::replace(words.begin(), words.end(), ' ', '_');
        to.push_back(number_column(words, [name, of](const cell_facts& f) {
            const auto values = of(f);
            for (std::size_t q = 0; q < values.size(); ++q)
                if (name_in_columns(f.of, q) == name) return values[q];
            return undefined;
        }));
    }
}

/// The columns about the cell itself.
inline void add_cell_columns(std::vector<cell_column>& to, const std::vector<std::string>& names) {
    using facts = const cell_facts&;
    to.insert(to.end(), {{"recording", [](facts f) { return f.of.name; }},
                         {"tasks", [](facts f) { return std::to_string(f.run.tasks); }},
                         {"seed", [](facts f) { return std::to_string(f.run.seed); }},
                         {"step", [](facts f) { return std::to_string(f.cell.step); }},
                         {"split", [](facts f) { return std::string(words(f.cell.split)); }},
                         {"cell", [](facts f) { return std::string(words(f.cell.role)); }}});
    add_by_strategy(to, "distance_", names, [](facts f) { return f.cell.distance; });
    to.insert(to.end(), {number_column("relative_distance", [](facts f) { return f.cell.relative.value; }),
                         number_column("relative_distance_error", [](facts f) { return f.cell.relative.standard_error; }),
                         {"relative_distance_state", [](facts f) { return std::string(f.cell.relative.words()); }},
                         number_column("interpolation_distance", [](facts f) { return f.cell.interpolation_distance; }),
                         number_column("observed_loss", [](facts f) { return over_positions(f.cell.observed_loss); })});
    add_by_strategy(to, "observed_loss_", names, [](facts f) {
        std::vector<double> losses;
        if (f.cell.strategies_loss)
            for (const auto& loss : *f.cell.strategies_loss) losses.push_back(over_positions(loss));
        return losses;
    });
    add_by_strategy(to, "weight_", names, [](facts f) { return f.cell.mixing_weights; });
    to.insert(to.end(), {number_column("best_mixture_divergence", [](facts f) { return f.cell.mixing_loss; }),
                         number_column("best_pair_divergence", [](facts f) { return f.cell.pair_loss; }),
                         number_column("law_divergence", [](facts f) { return f.cell.law_loss; })});
    add_by_strategy(to, "predicted_", names, [](facts f) { return f.cell.predicted; });
    to.insert(to.end(), {number_column("unexplained", [](facts f) { return f.cell.unexplained; }),
                         number_column("neither", [](facts f) { return f.cell.neither ? 1.0 : 0.0; }),
                         number_column("log_prior_odds", [](facts f) { return f.cell.log_prior_odds; }),
                         number_column("log_bayes_factor", [](facts f) { return f.cell.log_bayes_factor; }),
                         number_column("total_variation", [](facts f) { return f.cell.with_law.total_variation; }),
                         number_column("argmax_agreement", [](facts f) { return f.cell.with_law.argmax; }),
                         number_column("spearman", [](facts f) { return f.cell.with_law.spearman; }),
                         number_column("r_squared", [](facts f) { return f.cell.with_law.r_squared; })});
}

/// The columns about what the cell has stored of its tasks.
inline void add_memory_columns(std::vector<cell_column>& to) {
    using facts = const cell_facts&;
    to.insert(to.end(), {number_column("precision", [](facts f) { return f.memory.precision; }),
                         number_column("precision_lower", [](facts f) { return f.memory.range.lower; }),
                         number_column("precision_upper", [](facts f) { return f.memory.range.upper; }),
                         number_column("bits_per_task", [](facts f) { return f.memory.bits_per_task; }),
                         number_column("precision_divergence", [](facts f) { return f.memory.divergence; }),
                         number_column("precision_generalizing_divergence", [](facts f) { return f.memory.with_generalizing; }),
                         number_column("memory_pair_divergence", [](facts f) { return f.memory.pair; }),
                         number_column("law_precision", [](facts f) { return f.memory.law_precision; }),
                         number_column("exponent", [](facts f) { return f.memory.exponent.value; }),
                         number_column("exponent_lower", [](facts f) { return f.memory.exponent.range.lower; }),
                         number_column("exponent_upper", [](facts f) { return f.memory.exponent.range.upper; }),
                         number_column("exponent_divergence", [](facts f) { return f.memory.exponent.divergence; }),
                         number_column("exponent_generalizing_divergence", [](facts f) { return f.memory.exponent.with_generalizing; })});
}

/// The columns about memory and trust together.
inline void add_square_columns(std::vector<cell_column>& to) {
    using facts = const cell_facts&;
    to.insert(to.end(), {number_column("square_precision", [](facts f) { return f.square.precision; }),
                         number_column("square_precision_lower", [](facts f) { return f.square.precision_range.lower; }),
                         number_column("square_precision_upper", [](facts f) { return f.square.precision_range.upper; }),
                         number_column("square_trust", [](facts f) { return f.square.trust; }),
                         number_column("square_trust_lower", [](facts f) { return f.square.trust_range.lower; }),
                         number_column("square_trust_upper", [](facts f) { return f.square.trust_range.upper; }),
                         number_column("square_divergence", [](facts f) { return f.square.divergence; }),
                         number_column("square_pair_divergence", [](facts f) { return f.square.pair; }),
                         number_column("square_with_constant_divergence", [](facts f) { return f.square.with_constant; }),
                         number_column("square_order", [](facts f) { return f.square.order; }),
                         number_column("square_with_order_divergence", [](facts f) { return f.square.with_order; }),
                         number_column("square_law_precision", [](facts f) { return f.square.law_precision; }),
                         number_column("square_law_trust", [](facts f) { return f.square.law_trust; })});
}

/// The columns about regret.
inline void add_regret_columns(std::vector<cell_column>& to, const std::vector<std::string>& names) {
    using facts = const cell_facts&;
    const auto by_strategy = [&](const char* prefix, double (*of)(const resampled_estimate&)) {
        add_by_strategy(to, prefix, names, [of](facts f) {
            std::vector<double> out;
            for (const auto& e : f.regret.against) out.push_back(of(e));
            return out;
        });
    };
    by_strategy("regret_against_", [](const resampled_estimate& e) { return e.value; });
    by_strategy("regret_lower_", [](const resampled_estimate& e) { return e.within.lower; });
    by_strategy("regret_upper_", [](const resampled_estimate& e) { return e.within.upper; });
    to.insert(to.end(), {number_column("regret", [](facts f) { return f.regret.hindsight.value; }),
                         number_column("regret_lower", [](facts f) { return f.regret.hindsight.within.lower; }),
                         number_column("regret_upper", [](facts f) { return f.regret.hindsight.within.upper; }),
                         number_column("regret_exponent", [](facts f) { return f.regret.trend.exponent.value; }),
                         number_column("regret_exponent_lower", [](facts f) { return f.regret.trend.exponent.within.lower; }),
                         number_column("regret_exponent_upper", [](facts f) { return f.regret.trend.exponent.within.upper; })});
}

}  // namespace detail

/// cells.csv: a row for each D x seed x N x split. Empty fields are undefined; "inf" is infinite.
[[nodiscard]] inline std::string cells_csv(std::span<const recording_analysis> all) {
    std::vector<std::string> names;
    for (const auto& a : all)
        for (std::size_t q = 0; q < a.strategies.size(); ++q)
            if (auto name = detail::name_in_columns(a, q); std::find(names.begin(), names.end(), name) == names.end())
                names.push_back(std::move(name));
    std::vector<detail::cell_column> columns;
    detail::add_cell_columns(columns, names), detail::add_memory_columns(columns), detail::add_square_columns(columns);
    detail::add_regret_columns(columns, names);
    std::vector<std::string> fields;
    for (const auto& [name, field] : columns) fields.push_back(name);
    std::string out = csv_line(fields);
    const memory_cell none{};
    const square_place nowhere{};
    const regret_cell unknown{.hindsight = {.value = undefined}, .trend = {.exponent = {.value = undefined}}};
    for (const auto& a : all) {
        using key = std::tuple<std::size_t, std::int64_t, split>;
        std::map<key, const memory_cell*> memory;  // not of cells that no mixture explains
        std::map<key, const square_place*> square;
        std::map<key, const regret_cell*> regret;
        for (const auto& c : a.regret.cells) regret[{c.run, c.step, c.split}] = &c;
        if (a.memory)
            for (const auto& m : a.memory->cells) memory[{m.run, m.step, m.split}] = &m;
        if (a.square)
            for (const auto& p : a.square->places) square[{p.run, p.step, p.split}] = &p;
        for (const auto& c : a.cells) {
            const auto remembered = memory.find({c.run, c.step, c.split});
            const auto place = square.find({c.run, c.step, c.split});
            const auto lost = regret.find({c.run, c.step, c.split});
            const detail::cell_facts facts{a,
                                           a.runs[c.run],
                                           c,
                                           remembered == memory.end() ? none : *remembered->second,
                                           place == square.end() ? nowhere : *place->second,
                                           lost == regret.end() ? unknown : *lost->second};
            for (std::size_t k = 0; k < columns.size(); ++k) fields[k] = columns[k].second(facts);
            out += csv_line(fields);
        }
    }
    return out;
}

/// explanations.csv: a row for each explanation of each recording, of the tables `laws`, where they were compared, `memory`,
/// `square` and `square, whole training`.
[[nodiscard]] inline std::string explanations_csv(std::span<const recording_analysis> all) {
    std::vector<named_table> tables;
    for (const auto& a : all) {
        tables.push_back({a.name, "laws", &a.comparison});
        if (a.memory) tables.push_back({a.name, "memory", &a.memory->explanations});
        if (a.square) tables.push_back({a.name, "square", &a.square->after_threshold});
        if (a.square) tables.push_back({a.name, "square, whole training", &a.square->whole});
    }
    return tables_csv(tables);
}

}  // namespace rationale

#endif
