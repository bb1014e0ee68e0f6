// analyze: fits the rational learner's law to recordings of trained models and says what it finds.
#include <CLI/CLI.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "analysis.hpp"
#include "hold_signals.hpp"
#include "numbers.hpp"
#include "output.hpp"
#include "progress_line.hpp"
#include "provenance.hpp"
#include "rationale/analysis/cells_csv.hpp"
#include "rationale/analysis/summary.hpp"
#include "rationale/analysis/write_analysis.hpp"
#include "rationale/complexity/compressors.hpp"
#include "rationale/figure/report.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/recording/write_aside.hpp"

namespace {

namespace fs = std::filesystem;
using rationale::detail::shown;

/// What is asked for.
struct request {
    std::vector<std::string> folders;
    std::string output = ".", report, vega;
    bool colour_blind = false, quiet = false, json = false;
    std::size_t workers = 0;
    rationale::analysis_options options;
};

/// Reads the command line; a text where it asks for no analysis but for --help or --version.
std::string read_command_line(request& r, int argc, char** argv, int& code) {
    CLI::App app{
        "Fits the rational learner of in-context learning to recordings: which strategy does the model use, and when does it switch?\n"
        "Prints a summary and writes results.json and cells.csv."};
    auto& options = r.options;
    double share = 0, gigabytes = static_cast<double>(options.memory_for_arrays.bytes) * 1e-9;
    app.add_option("recordings", r.folders, "Folders with a manifest.json and one npz file a training run")->required();
    app.add_option("-o,--output", r.output, "Folder for results.json and cells.csv, made if missing")->capture_default_str();
    app.add_option("--report", r.report,
                   "Folder for a page with words, figures and tables, index.html, and the figures' data, made if missing");
    app.add_option("--vega", r.vega, "File with vega, vega-lite and vega-embed to put into the page, so that it needs no network");
    app.add_flag("--colour-blind", r.colour_blind, "Figures in colours that everyone can tell apart");
    add_number<std::uint64_t>(app, "--seed", options.losses.seed, 0, (std::numeric_limits<std::uint64_t>::max)(),
                              "Seed of the fresh sequences that losses are estimated on");
    add_number(app, "--loss-error", options.losses.relative_error, 1e-6, 1.0,
               "Wanted standard error of a difference of losses, as a share of it");
    add_number<std::size_t>(app, "--loss-sequences", options.losses.most_sequences, 2, 1 << 30, "Most sequences to estimate losses on");
    std::vector<std::string> law_names;
    for (const auto& law : rationale::known_laws()) law_names.push_back(law.name());
    std::string law = law_names[0], strategies = "usual";
    app.add_option("--law", law, "The law that is fitted")->capture_default_str()->check(CLI::IsMember(law_names));
    app.add_option(
           "--strategies", strategies,
           "What the law weighs: memorizing and generalizing, or all strategies; usual: all where there are others beside the constant")
        ->capture_default_str()
        ->check(CLI::IsMember({"usual", "M,G", "all"}));
    app.add_flag("!--no-memory", options.memory, "Leave out seen tasks remembered with limited precision");
    app.add_flag("--compare", options.compare, "Fit every law, with and without the constant, and score them side by side");
    add_number<std::size_t>(app, "--bootstrap", options.bootstrap.replicates, 0, 1000000,
                            "Bootstrap samples of sequences, cells and losses, for intervals");
    add_number<std::size_t>(app, "--consecutive", options.bootstrap.consecutive, 1, 1000,
                            "Checkpoints of a run that are resampled together");
    app.add_flag("--forecast", options.forecast, "Say when strategies switch beyond the recording, and test such forecasts within it");
    add_number(app, "--neither", options.neither_share, 0.0, 1e9,
               "A cell is neither when its best mixture is farther from the model than this share of the strategies' distance");
    auto* const threshold =
        app.add_option("--threshold", share, "Share q of the interpolation threshold min + q (max - min) [0.2, for means 0.1]")
            ->check(number_in(0.0, 1.0));
    add_number<std::size_t>(app, "--threads", r.workers, 0, 4096, "Threads to use; 0 is one a processor");
    add_number(app, "--memory-limit", gigabytes, 1e-9, 1e9,
               "Gigabytes that a recording's arrays may take; half of the machine's memory unless given");
    app.add_flag("-q,--quiet", r.quiet, "Print no summary and no progress");
    app.add_flag("--json", r.json, "Print the results as JSON, what results.json has, and nothing else");
    app.set_version_flag("--version", rationale_version());
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        std::ostringstream out, error;
        code = app.exit(e, out, error);
        std::cerr << error.str();
        return out.str();
    }
    if (threshold->count() > 0) options.threshold_share = share;
    if (strategies != "usual") options.scope = strategies == "all" ? rationale::law_scope::all_strategies : rationale::law_scope::first_two;
    for (const auto& known : rationale::known_laws())
        if (known.name() == law) options.law = known;
    options.compressors = rationale::system_compressors();
    options.memory_for_arrays.bytes = static_cast<std::size_t>(gigabytes * 1e9);
    return {};
}

/// The recordings' manifests. A shell's folder/* also names the files beside the recordings: they are left out, and named in `left_out`.
std::vector<rationale::manifest> read_manifests(const std::vector<std::string>& folders, std::string& left_out) {
    std::vector<rationale::manifest> out;
    for (const auto& folder : folders) {
        std::error_code ignored;
        if (fs::is_regular_file(folder, ignored)) {
            if (folders.size() == 1 || fs::path(folder).extension() == ".npz" || fs::path(folder).filename() == "manifest.json")
                throw rationale::recording_error(folder + ": is a file, expected the folder of a recording");
            left_out += "analyze: " + shown(folder) + " is a file and no recording, it is left out\n";
            continue;
        }
        out.push_back(rationale::read_manifest(folder));
        for (std::size_t i = 0; i + 1 < out.size(); ++i)
            if (out[i].state == out.back().state)
                throw rationale::recording_error(folder + ": is the same recording as " + out[i].folder.string() + ", expected each once");
    }
    if (out.empty()) throw rationale::recording_error(folders[0] + ": is a file, expected the folder of a recording");
    // Tables and figures tell recordings apart by name.
    std::map<std::string, std::size_t> of_name;
    for (const auto& m : out) ++of_name[m.name];
    for (auto& m : out)
        if (m.name.empty()) m.name = m.folder.string();
        else if (of_name[m.name] > 1) m.name += " (" + m.folder.string() + ")";
    return out;
}

int analyze(request& r, const std::vector<std::string>& command) {
    const fs::path to(r.output);
    std::string left_out;
    const auto manifests = read_manifests(r.folders, left_out);
    for (const char* name : {"results.json", "cells.csv"}) require_place(to / name);
    rationale::report_options page{.command = command, .versions = versions()};
    if (r.colour_blind) page.colours = rationale::palette::colour_blind();
    if (!r.vega.empty()) page.vega = rationale::detail::regular_file(r.vega, "the programs that draw figures").text(std::size_t{1} << 28);
    if (!r.report.empty())
        for (const char* name : {"index.html", "figures/figure"}) require_place(fs::path(r.report) / name);
    fs::create_directories(to);

    std::vector<rationale::recording_analysis> all;
    {
        progress_line line(!r.quiet);
        for (const auto& m : manifests) {
            r.options.progress = [&](const std::string& stage, std::size_t done, std::size_t of) {
                line.at(shown(m.name) + ": " + stage, done, of);
            };
            try {
                all.push_back(analyze_known(m, r.options, r.workers));
            } catch (const std::invalid_argument& e) {
                throw rationale::recording_error(m.folder.string() + ": " + e.what());
            } catch (const std::bad_alloc&) {
                throw rationale::recording_error(m.folder.string() +
                                                 ": there is not enough memory, fewer --threads and --no-memory take less");
            }
            if (!r.report.empty()) add_hashes(page.hashes, all.back());
            line.clear();
        }
    }

    const std::string results = rationale::results_json(all, command);
    {
        const hold_signals until_written;  // files first, then words: whoever reads these may go away
        rationale::write_aside(to / "results.json", results);
        rationale::write_aside(to / "cells.csv", rationale::cells_csv(all));
        if (!r.report.empty()) rationale::write_report(r.report, all, page);
    }
    if (!r.quiet) std::cerr << left_out;
    if (r.json) print(results);
    if (r.quiet || r.json) return 0;
    std::ostringstream words;
    for (const auto& a : all) rationale::print_summary(words, a);
    if (!r.report.empty()) words << "Report: " << shown((fs::path(r.report) / "index.html").string()) << '\n';
    words << "Written: " << shown((to / "results.json").string()) << " and " << shown((to / "cells.csv").string()) << '\n';
    print(words.str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    reserve_standard_streams();
    try {
        request r;
        int code = 0;
        const auto words = read_command_line(r, argc, argv, code);
        print(words);
        if (!words.empty() || code != 0) return code;
        return analyze(r, {argv, argv + argc});
    } catch (const std::exception& e) {
        std::cerr << "analyze: " << shown(e.what()) << '\n';
        return 1;
    }
}
