#ifndef RATIONALE_PROGRAM_COMMAND_LINE_HPP
#define RATIONALE_PROGRAM_COMMAND_LINE_HPP

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/check.hpp"
#include "rationale/learner/any_law.hpp"
#include "rationale/program/number_options.hpp"
#include "rationale/program/versions.hpp"

namespace rationale::detail {

/// What a command line asks for.
struct program_request {
    std::vector<std::string> folders{};  ///< of recordings
    std::string output = ".";            ///< the folder for results.json and the tables
    std::string report{};                ///< the folder for a page; none where it is empty
    std::string vega{};                  ///< a file with what draws the page's figures; none where it is empty
    bool colour_blind = false, quiet = false, json = false, verbose = false;  ///< options without a value
    std::size_t workers = 0;                                                  ///< threads; 0: one a processor
    analysis_options options{};
};

/// What is printed instead of an analysis: for --help and --version, and for options that are wrong.
struct command_answer {
    int code = 0;  ///< the exit status
    std::string output{}, error{};
};

/// Reads command lines of a program that offers these laws.
class command_line {
public:
    /// Throws std::invalid_argument without a law.
    explicit command_line(std::vector<any_law> laws) : laws_(std::move(laws)) {
        check_at_least("rationale::analyze_program", "laws", laws_.size(), 1);
        law_ = laws_[0].name();
        add_places();
        add_losses();
        add_laws();
        add_intervals();
        add_machine();
        app_.set_version_flag("--version", rationale_version());
    }
    command_line(const command_line&) = delete;
    command_line& operator=(const command_line&) = delete;

    /// Fills the request, or says what to print instead.
    [[nodiscard]] std::optional<command_answer> read(int argc, const char* const* argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::CallForHelp& e) {
            return command_answer{e.get_exit_code(), app_.help(), {}};
        } catch (const CLI::CallForVersion& e) {
            return command_answer{e.get_exit_code(), e.what() + std::string("\n"), {}};
        } catch (const CLI::ParseError& e) {
            return command_answer{e.get_exit_code(), {}, CLI::FailureMessage::simple(&app_, e)};
        }
        auto& o = request_.options;
        if (threshold_->count() > 0) o.threshold_share = share_;
        if (scope_ != "usual") o.scope = scope_ == "all" ? law_scope::all_strategies : law_scope::first_two;
        o.law = *std::find_if(laws_.begin(), laws_.end(), [&](const any_law& known) { return known.name() == law_; });
        o.memory_for_arrays.bytes = static_cast<std::size_t>(gigabytes_ * 1e9);
        return std::nullopt;
    }
    /// What was read.
    [[nodiscard]] program_request& request() noexcept { return request_; }

private:
    void add_places() {
        auto& r = request_;
        app_.add_option("recordings", r.folders, "Folders with a manifest.json and one npz file a training run")->required();
        app_.add_option("-o,--output", r.output, "Folder for results.json and the tables, made if missing")->capture_default_str();
        app_.add_option("--report", r.report,
                        "Folder for a page with words, figures and tables, index.html, and the figures' data, made if missing");
        app_.add_option("--vega", r.vega, "File with vega, vega-lite and vega-embed to put into the page, so that it needs no network");
        app_.add_flag("--colour-blind", r.colour_blind, "Figures in colours that everyone can tell apart");
    }
    void add_losses() {
        auto& losses = request_.options.losses;
        add_number<std::uint64_t>(app_, "--seed", losses.seed, 0, (std::numeric_limits<std::uint64_t>::max)(),
                                  "Seed of the fresh sequences that losses are estimated on");
        add_number(app_, "--loss-error", losses.relative_error, 1e-6, 1.0,
                   "Wanted standard error of a difference of losses, as a share of it");
        add_number<std::size_t>(app_, "--loss-sequences", losses.most_sequences, 2, 1 << 30, "Most sequences to estimate losses on");
    }
    void add_laws() {
        auto& o = request_.options;
        std::vector<std::string> names;
        for (const auto& known : laws_) names.push_back(known.name());
        checked(app_.add_option("--law", law_, "The law that is fitted")->capture_default_str(), CLI::IsMember(names));
        checked(app_.add_option("--strategies", scope_,
                                "What the law weighs: memorizing and generalizing, or all strategies; usual: all where there are others "
                                "beside the constant")
                    ->capture_default_str(),
                CLI::IsMember({"usual", "M,G", "all"}));
        app_.add_flag("!--no-memory", o.memory, "Leave out seen tasks remembered with limited precision");
        app_.add_flag("--compare", o.compare,
                      "Fit every law, over its own choice of strategies and the other, and score them side by side");
    }
    void add_intervals() {
        auto& o = request_.options;
        add_number<std::size_t>(app_, "--bootstrap", o.bootstrap.replicates, 0, 1000000,
                                "Bootstrap samples for intervals: of whole runs from 8 on, else of sequences, cells and losses");
        add_number<std::size_t>(app_, "--consecutive", o.bootstrap.consecutive, 1, 1000,
                                "Checkpoints of a run that are resampled together");
        app_.add_flag("--forecast", o.forecast, "Say when strategies switch beyond the recording, and test such forecasts within it");
        add_number(app_, "--neither", o.neither_share, 0.0, 1e9,
                   "A cell is neither when its best mixture is farther from the model than this share of the strategies' distance");
        threshold_ = &checked(
            app_.add_option("--threshold", share_, "Share q of the interpolation threshold min + q (max - min) [0.2, for means 0.1]"),
            number_in(0.0, 1.0));
        checked(threshold_, {[](const std::string& text) {
                                 double share = 1;
                                 std::from_chars(text.data(), text.data() + text.size(), share);
                                 return share == 0 ? text + " sets no threshold, as no distance is below the least one" : std::string();
                             },
                             "above 0"});
    }
    void add_machine() {
        auto& r = request_;
        add_number<std::size_t>(app_, "--threads", r.workers, 0, 4096, "Threads to use; 0 is one a processor");
        add_number(app_, "--memory-limit", gigabytes_, 1e-9, 1e9,
                   "Gigabytes that a recording's arrays may take; half of the machine's memory unless given");
        app_.add_flag("-q,--quiet", r.quiet, "Print no summary and no progress");
        app_.add_flag("--verbose", r.verbose, "Print every table and note after the summary");
        app_.add_flag("--json", r.json, "Print the results as JSON, what results.json has, and nothing else");
    }

    CLI::App app_{
        "Fits the rational learner of in-context learning to recordings: which strategy does the model use, and when does it switch?\n"
        "Prints a summary and writes results.json, cells.csv and explanations.csv."};
    program_request request_{};
    std::vector<any_law> laws_;
    std::string law_, scope_ = "usual";
    double share_ = 0, gigabytes_ = static_cast<double>(request_.options.memory_for_arrays.bytes) * 1e-9;
    CLI::Option* threshold_ = nullptr;
};

}  // namespace rationale::detail

#endif
