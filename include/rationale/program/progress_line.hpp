#ifndef RATIONALE_PROGRAM_PROGRESS_LINE_HPP
#define RATIONALE_PROGRAM_PROGRESS_LINE_HPP

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "rationale/program/hold_signals.hpp"

namespace rationale::detail {

/// A line on the terminal that says what is going on, how far it is, and about how long it will still take; nothing for work of less than
/// two seconds, and nothing where stderr is no terminal.
class progress_line {
public:
    explicit progress_line(bool wanted) {
        if (!wanted || isatty(STDERR_FILENO) == 0) return;
        const hold_signals by_the_ticker;  // else a Ctrl-C on the terminal would end it, and the program, whatever the others hold
        ticker_ = std::jthread([this](const std::stop_token& stop) { tick(stop); });
    }
    ~progress_line() { ticker_ = {}, clear(); }
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;

    /// `done` of `of` parts of a stage are finished.
    void at(std::string stage, std::size_t done, std::size_t of) {
        const std::lock_guard lock(mutex_);
        if (stage != stage_) stage_start_ = clock::now();
        stage_ = std::move(stage), done_ = done, of_ = of;
    }
    /// Wipes the line: something else is printed.
    void clear() {
        const std::lock_guard lock(mutex_);
        if (shown_) std::fputs("\r\033[K", stderr);
        shown_ = false, stage_.clear();
    }

private:
    using clock = std::chrono::steady_clock;

    void tick(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
            wake_.wait_for(lock, stop, std::chrono::milliseconds(250), [] { return false; });
            if (stage_.empty() || clock::now() - start_ < std::chrono::seconds(2)) continue;
            winsize window{};
            const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
            const std::string text = line().substr(0, (known ? window.ws_col : 80u) - 1u);
            std::fprintf(stderr, "\r\033[K%s", text.c_str());
            std::fflush(stderr);
            shown_ = true;
        }
    }
    [[nodiscard]] std::string line() const {
        const double spent = std::chrono::duration<double>(clock::now() - stage_start_).count();
        const auto seconds = [](double s) {
            return s < 90 ? std::to_string(std::lround(s)) + " s" : std::to_string(std::lround(s / 60)) + " min";
        };
        if (of_ < 2) return stage_ + ", for " + seconds(spent);
        constexpr std::size_t width = 20;
        const std::size_t filled = (std::min)(width, width * done_ / of_);
        auto out = '[' + std::string(filled, '#') + std::string(width - filled, '.') + "] " + stage_ + ' ' + std::to_string(done_) + '/' +
                   std::to_string(of_);
        if (done_ > 0) out += ", about " + seconds(spent * static_cast<double>(of_ - done_) / static_cast<double>(done_)) + " left";
        return out;
    }

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::string stage_;
    std::size_t done_ = 0, of_ = 0;
    bool shown_ = false;
    clock::time_point start_ = clock::now(), stage_start_ = start_;
    std::jthread ticker_;
};

}  // namespace rationale::detail

#endif
