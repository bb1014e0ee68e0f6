#ifndef RATIONALE_ANALYSIS_DETAIL_NOTES_OF_FILES_HPP
#define RATIONALE_ANALYSIS_DETAIL_NOTES_OF_FILES_HPP

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/run_of_tables.hpp"
#include "rationale/number_text.hpp"
#include "rationale/recording/run_file.hpp"
#include "rationale/split.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::detail {

/// Of each run the files of its tables.
using files_of_runs = std::vector<std::vector<const run_file*>>;

/// One sentence for each half type that predictions are recorded in.
[[nodiscard]] inline std::vector<std::string> notes_of_rounding(const files_of_runs& readers, prediction_kind kind) {
    std::map<std::string, std::pair<number_rounding, std::size_t>> found;
    std::size_t all = 0;
    for (const auto& of_run : readers)
        for (const split split : splits) {
            const auto& reader = *of_run[0];
            if (!reader.has(split)) continue;
            ++all;
            const auto rounding = reader.rounding(split);
            if (rounding.relative == 0) continue;
            auto& [seen, count] = found[rounding.type];
            if (seen.absolute == 0) seen = rounding;
            ++count;
        }
    std::vector<std::string> out;
    for (const auto& [type, of] : found) {
        const auto& [rounding, count] = of;
        out.push_back(std::to_string(count) + " of " + std::to_string(all) + " arrays of predictions are in " + type +
                      ": every number is rounded by up to " + significant(100 * rounding.relative, 2) + " %");
        if (kind == prediction_kind::distribution && rounding.absolute > 0)
            out.back() += ", probabilities sum to 1 to that only" +
                          (rounding.absolute > 1e-30 ? ", and those below " + significant(rounding.absolute, 2) + " are 0" : std::string());
        out.back() += ".";
    }
    return out;
}

/// What is to be known of runs whose seen tasks change during training.
[[nodiscard]] inline std::vector<std::string> notes_of_tables(const files_of_runs& readers) {
    std::size_t runs = 0, most = 1;
    for (const auto& of_run : readers) runs += of_run.size() > 1, most = (std::max)(most, of_run.size());
    if (runs == 0) return {};
    return {"In " + std::to_string(runs) + " of " + std::to_string(readers.size()) +
            " runs the seen tasks or the sequences change, up to " + std::to_string(most - 1) +
            " times: every checkpoint is compared with strategies that know its own. Losses and complexities are " + "means over at most " +
            std::to_string(run_of_tables::most_described) + " of a run's tables; those of memories of limited precision are of its last."};
}

}  // namespace rationale::detail

#endif
