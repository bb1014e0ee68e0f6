// The rows that figures of an analysis are made of.
#ifndef RATIONALE_FIGURE_ROWS_HPP
#define RATIONALE_FIGURE_ROWS_HPP

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/figure/figure.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

/// The first fields of a cell's row.
inline figure_json cell_row(const recording_analysis& a, const analyzed_cell& c) {
    const auto& r = a.runs[c.run];
    return {{"tasks", r.tasks}, {"seed", r.seed}, {"step", c.step}, {"split", words(c.split)}, {"cell", std::string(words(c.role))}};
}
inline figure_json run_row(const analyzed_run& r) { return {{"tasks", r.tasks}, {"seed", r.seed}}; }

/// N* by the law on a logarithmic axis of steps, which has no 0: 1 where memorizing leads from the start or overtakes before the first
/// step, and undefined where it never does in training of this kind.
inline double crossover_by_law(const analyzed_run& r) {
    const auto& law = r.memorizing_leads;
    if (law.what == crossover::outcome::from_the_start || (law.what == crossover::outcome::at_steps && law.steps < 1)) return 1;
    return law.within(last_step(r)) ? law.steps : undefined;
}

/// A strategy's column: weight_unigram_retrieval.
inline std::string column(const std::string& prefix, std::string name) {
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    return prefix + name;
}

/// The numbers of tasks, at most `most` of them, evenly chosen: more make no readable panels.
inline std::set<std::size_t> some_tasks(const recording_analysis& a, std::size_t most = 6) {
    std::set<std::size_t> all, out;
    for (const auto& r : a.runs) all.insert(r.tasks);
    const std::vector<std::size_t> list(all.begin(), all.end());
    if (list.size() <= most) return all;
    for (std::size_t i = 0; i < most; ++i) out.insert(list[i * (list.size() - 1) / (most - 1)]);
    return out;
}

/// Where the cells of maps end: half way, on the axis's scale, to the next checkpoint, number of tasks or seed.
class cell_edges {
public:
    explicit cell_edges(const recording_analysis& a) : a_(a) {
        for (const auto& r : a.runs) tasks_.insert(static_cast<double>(r.tasks));
    }
    void add(figure_json& row, std::size_t run, std::int64_t step) const {
        const auto& r = a_.runs[run];
        std::vector<double> steps;
        for (auto n : r.steps) steps.push_back(std::sqrt(static_cast<double>(n)));
        auto [from, to] = around(steps, std::sqrt(static_cast<double>(step)), 4);
        row["from_step"] = from > 0 ? from * from : 0.5 * static_cast<double>(step);
        row["to_step"] = to * to;
        std::vector<double> logs;
        for (double d : tasks_) logs.push_back(std::log2(d));
        std::tie(from, to) = around(logs, std::log2(static_cast<double>(r.tasks)), 1);
        double seeds = 0, seed = 0;  // runs of one number of tasks share its row
        for (const auto& other : a_.runs)
            if (other.tasks == r.tasks) ++seeds, seed += other.seed < r.seed;
        row["from_tasks"] = std::exp2(from + (to - from) * seed / seeds);
        row["to_tasks"] = std::exp2(from + (to - from) * (seed + 1) / seeds);
    }

private:
    /// Half way from x, one of the increasing `all`, to its neighbours; as far on a side where there is none.
    static std::pair<double, double> around(const std::vector<double>& all, double x, double alone) {
        const auto at = std::lower_bound(all.begin(), all.end(), x);
        double before = at != all.begin() ? x - *(at - 1) : -1, after = all.end() - at > 1 ? *(at + 1) - x : -1;
        if (before < 0) before = after < 0 ? alone : after;
        if (after < 0) after = before;
        return {x - before / 2, x + after / 2};
    }

    const recording_analysis& a_;
    std::set<double> tasks_;
};

/// Number of rows of a map.
inline std::size_t numbers_of_tasks(const recording_analysis& a) { return some_tasks(a, a.runs.size()).size(); }

/// The unit of a model's distance from strategies.
inline const char* distance_unit(const recording_analysis& a) {
    return a.kind == prediction_kind::mean ? "squared error" : "symmetric KL, nats";
}
inline const char* observed_unit(const recording_analysis& a) { return a.kind == prediction_kind::mean ? "squared error" : "nats"; }

}  // namespace rationale::detail

#endif
