// analyze: fits the rational learner's law to recordings of trained models and says what it finds.
#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "hold_signals.hpp"
#include "instances.hpp"
#include "progress_line.hpp"
#include "provenance.hpp"
#include "rationale/analysis/summary.hpp"
#include "rationale/analysis/write_analysis.hpp"
#include "rationale/complexity/compressors.hpp"
#include "rationale/figure/report.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/recording/write_aside.hpp"

int main(int argc, char** argv) {
    CLI::App app{
        "Fits the rational learner of in-context learning to recordings: which strategy does the model use, and when does it switch?\n"
        "Prints a summary and writes results.json and cells.csv."};
    std::vector<std::string> folders;
    std::string output = ".", report, vega;
    bool colour_blind = false;
    rationale::analysis_options options;
    std::size_t workers = 0;
    bool quiet = false, json = false;
    double share = 0;
    app.add_option("recordings", folders, "Folders with a manifest.json and one npz file a training run")->required();
    app.add_option("-o,--output", output, "Folder for results.json and cells.csv, made if missing")->capture_default_str();
    app.add_option("--report", report,
                   "Folder for a page with words, figures and tables, index.html, and the figures' data, made if missing");
    app.add_option("--vega", vega, "File with vega, vega-lite and vega-embed to put into the page, so that it needs no network");
    app.add_flag("--colour-blind", colour_blind, "Figures in colours that everyone can tell apart");
    app.add_option("--seed", options.losses.seed, "Seed of the fresh sequences that losses are estimated on")->capture_default_str();
    app.add_option("--loss-error", options.losses.relative_error, "Wanted standard error of a difference of losses, as a share of it")
        ->capture_default_str()
        ->check(CLI::Range(1e-6, 1.0));
    app.add_option("--loss-sequences", options.losses.most_sequences, "Most sequences to estimate losses on")
        ->capture_default_str()
        ->check(CLI::Range(2, 1 << 30));
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
    app.add_option("--bootstrap", options.bootstrap.replicates, "Bootstrap samples of sequences, cells and losses, for intervals")
        ->capture_default_str()
        ->check(CLI::Range(0, 1000000));
    app.add_option("--consecutive", options.bootstrap.consecutive, "Checkpoints of a run that are resampled together")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_flag("--forecast", options.forecast, "Say when strategies switch beyond the recording, and test such forecasts within it");
    app.add_option("--neither", options.neither_share,
                   "A cell is neither when its best mixture is farther from the model than this share of the strategies' distance")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1e9));
    auto* const threshold =
        app.add_option("--threshold", share, "Share q of the interpolation threshold min + q (max - min) [0.2, for means 0.1]")
            ->check(CLI::Range(0.0, 1.0));
    app.add_option("--threads", workers, "Threads to use; 0 is one a processor")->capture_default_str();
    app.add_flag("-q,--quiet", quiet, "Print no summary and no progress");
    app.add_flag("--json", json, "Print the results as JSON, what results.json has, and nothing else");
    app.set_version_flag("--version", rationale_version());
    CLI11_PARSE(app, argc, argv);
    if (threshold->count() > 0) options.threshold_share = share;
    if (strategies != "usual") options.scope = strategies == "all" ? rationale::law_scope::all_strategies : rationale::law_scope::first_two;
    for (const auto& known : rationale::known_laws())
        if (known.name() == law) options.law = known;
    options.compressors = rationale::system_compressors();

    try {
        std::vector<rationale::manifest> manifests;
        for (const auto& folder : folders) {
            // A shell's folder/* also names the files beside the recordings.
            if (folders.size() > 1 && std::filesystem::is_regular_file(folder)) continue;
            manifests.push_back(rationale::read_manifest(folder));
        }
        if (manifests.empty()) throw rationale::recording_error(folders[0] + ": is a file, expected the folder of a recording");
        std::filesystem::create_directories(output);

        progress_line line(!quiet);
        const bool talk = !quiet && !json;
        std::vector<rationale::recording_analysis> all;
        for (const auto& m : manifests) {
            options.progress = [&](const std::string& stage, std::size_t done, std::size_t of) {
                line.at(m.name + ": " + stage, done, of);
            };
            try {
                all.push_back(rationale::analyze_any(m, options, rationale::threads{workers}));
            } catch (const std::invalid_argument& e) {
                throw rationale::recording_error(m.folder.string() + ": " + e.what());
            }
            line.clear();
            if (talk) rationale::print_summary(std::cout, all.back());
        }
        const std::filesystem::path to(output);
        const std::string results = rationale::results_json(all, {argv, argv + argc});
        const hold_signals until_written;
        rationale::write_aside(to / "results.json", results);
        rationale::write_aside(to / "cells.csv", rationale::cells_csv(all));
        if (!report.empty()) {
            rationale::report_options page{.command = {argv, argv + argc}, .versions = versions(), .hashes = hashes(all)};
            if (colour_blind) page.colours = rationale::palette::colour_blind();
            if (!vega.empty()) {
                std::ifstream in(vega, std::ios::binary);
                if (!in) throw rationale::recording_error(vega + ": cannot be read, expected the programs that draw figures");
                page.vega.assign(std::istreambuf_iterator<char>(in), {});
            }
            rationale::write_report(report, all, page);
            if (talk) std::cout << "Report: " << (std::filesystem::path(report) / "index.html").string() << '\n';
        }
        if (json) std::cout << results;
        if (talk) std::cout << "Written: " << (to / "results.json").string() << " and " << (to / "cells.csv").string() << '\n';
    } catch (const std::exception& e) {
        std::cerr << "analyze: " << e.what() << '\n';
        return 1;
    }
}
