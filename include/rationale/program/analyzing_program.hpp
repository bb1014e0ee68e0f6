#ifndef RATIONALE_PROGRAM_ANALYZING_PROGRAM_HPP
#define RATIONALE_PROGRAM_ANALYZING_PROGRAM_HPP

#include <cstddef>
#include <filesystem>
#include <functional>
#include <new>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/summary.hpp"
#include "rationale/analysis/write_analysis.hpp"
#include "rationale/analysis/write_csv.hpp"
#include "rationale/figure/report.hpp"
#include "rationale/processes/in_shares.hpp"
#include "rationale/program/command_line.hpp"
#include "rationale/program/hold_signals.hpp"
#include "rationale/program/manifests.hpp"
#include "rationale/program/output.hpp"
#include "rationale/program/progress_line.hpp"
#include "rationale/program/sha256.hpp"
#include "rationale/program/versions.hpp"
#include "rationale/recording/recording_error.hpp"
#include "rationale/recording/regular_file.hpp"
#include "rationale/recording/text.hpp"
#include "rationale/recording/write_aside.hpp"

namespace rationale::detail {

/// What a program does for a request, the families that it knows forgotten.
class analyzing_program {
public:
    /// Analyses a recording of one of the families, with options, on so many threads.
    using analyze_function = std::function<recording_analysis(const manifest&, const analysis_options&, std::size_t)>;

    analyzing_program(std::vector<std::string> command, analyze_function analyze, file_hash hash)
        : command_(std::move(command)), analyze_(std::move(analyze)), hash_(std::move(hash)) {}

    /// What messages call the program.
    [[nodiscard]] std::string name() const {
        const std::string own = command_.empty() ? "" : std::filesystem::path(command_[0]).filename().string();
        return own.empty() ? "analyze" : shown(own);
    }
    /// Analyses, writes the files, then prints. Of several processes the first writes and prints, and a fault on one is thrown on all.
    /// Throws where something is missing, wrong, or cannot be written.
    void run(const program_request& r) const {
        const auto named = read_manifests(r.folders);
        check_same(r.options.processes, "rationale::analyze_program", names_of(named.manifests));
        report_options page;
        std::optional<made_folders> made;  // after a fault nothing is left
        if (is_first(r)) page = prepare(r), made.emplace(r.output);
        const auto all = analyze_all(named.manifests, r, page);
        meet(r);  // where one has failed nothing is written
        if (is_first(r)) write(named, all, r, page);
        meet(r);  // where nothing could be written all have failed
    }

private:
    [[nodiscard]] static bool is_first(const program_request& r) { return !r.options.processes || r.options.processes->rank() == 0; }
    /// Throws where another process has failed.
    static void meet(const program_request& r) {
        if (r.options.processes) (void)r.options.processes->together([] { return std::string(); });
    }
    [[nodiscard]] static std::string names_of(const std::vector<manifest>& manifests) {
        std::string out;
        for (const auto& m : manifests) out += m.name + "\n";
        return out;
    }
    /// How the report looks, where the files can be written in the end.
    [[nodiscard]] report_options prepare(const program_request& r) const {
        const std::filesystem::path to(r.output);
        for (const char* file : {"results.json", "cells.csv", "explanations.csv"}) require_place(to / file);
        return page_of(r);
    }
    void write(const named_recordings& named, const std::vector<recording_analysis>& all, const program_request& r,
               const report_options& page) const {
        const std::filesystem::path to(r.output);
        const std::string results = results_json(all, command_);
        {
            const hold_signals until_written;  // files first, then words: whoever reads these may go away
            write_aside(to / "results.json", results);
            write_aside(to / "cells.csv", cells_csv(all));
            write_aside(to / "explanations.csv", explanations_csv(all));
            if (!r.report.empty()) write_report(r.report, all, page);
        }
        if (!r.quiet)
            for (const auto& file : named.left_out)
                print_error(name() + ": " + shown(file) + " is a file and no recording, it is left out\n");
        if (r.json) print(results);
        if (!r.quiet && !r.json) print(words_of(all, r));
    }
    /// How the report looks, its places checked. `vega` is read here: it may be missing.
    [[nodiscard]] report_options page_of(const program_request& r) const {
        report_options page{.command = command_, .versions = versions()};
        if (r.colour_blind) page.colours = palette::colour_blind();
        if (!r.vega.empty()) page.vega = regular_file(r.vega, "the programs that draw figures").text(std::size_t{1} << 28);
        if (!r.report.empty())
            for (const char* file : {"index.html", "figures/figure"}) require_place(std::filesystem::path(r.report) / file);
        return page;
    }
    /// Analyses of the recordings, and for the first process's report the hashes of their files.
    [[nodiscard]] std::vector<recording_analysis> analyze_all(const std::vector<manifest>& manifests, const program_request& r,
                                                              report_options& page) const {
        std::vector<recording_analysis> all;
        progress_line line(!r.quiet && is_first(r));
        for (const auto& m : manifests) {
            auto options = r.options;
            options.progress = [&](const std::string& stage, std::size_t done, std::size_t of) {
                line.at(shown(m.name) + ": " + stage, done, of);
            };
            try {
                all.push_back(analyze_(m, options, r.workers));
            } catch (const std::invalid_argument& e) {
                throw recording_error(m.folder.string() + ": " + e.what());
            } catch (const std::bad_alloc&) {
                throw recording_error(m.folder.string() + ": there is not enough memory, fewer --threads and --no-memory take less");
            }
            if (is_first(r) && !r.report.empty() && hash_)
                for (const auto& file : all.back().files) page.hashes.emplace_back(shown(file.path.string()), hash_(file));
            line.clear();
        }
        return all;
    }
    [[nodiscard]] static std::string words_of(const std::vector<recording_analysis>& all, const program_request& r) {
        const std::filesystem::path to(r.output), report(r.report);
        std::string out = text_of([&](std::ostream& words) {
            for (const auto& a : all) print_summary(words, a, r.verbose ? summary_length::verbose : summary_length::brief);
        });
        if (!r.report.empty()) out += "Report: " + shown((report / "index.html").string()) + "\n";
        return out + "Written: " + shown((to / "results.json").string()) + ", " + shown((to / "cells.csv").string()) + " and " +
               shown((to / "explanations.csv").string()) + "\n";
    }

    std::vector<std::string> command_;
    analyze_function analyze_;
    file_hash hash_;
};

}  // namespace rationale::detail

#endif
