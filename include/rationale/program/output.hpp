#ifndef RATIONALE_PROGRAM_OUTPUT_HPP
#define RATIONALE_PROGRAM_OUTPUT_HPP

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "rationale/recording/recording_error.hpp"

namespace rationale::detail {

/// Where a program is started without standard streams (`>&-`) the next file that it opens would become one of them. They are opened so
/// that writing to them fails.
inline void reserve_standard_streams() {
    for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(stream, F_GETFD) == -1 && errno == EBADF) (void)!open("/dev/null", O_RDONLY);
}

/// Prints, and throws where that fails: a full disk, a closed stream.
inline void print(std::string_view text) {
    if (text.empty()) return;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw std::runtime_error("standard output: cannot be written (" + std::generic_category().message(errno) + ")");
}

/// Prints on standard error, as far as that goes.
inline void print_error(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

/// What `write(stream)` writes.
template <class Write>
[[nodiscard]] std::string text_of(const Write& write) {
    std::ostringstream out;
    write(out);
    return out.str();
}

/// Throws recording_error where `file` cannot be written in the end: its folder, or the nearest one above it that exists, is none or takes
/// no files, or a folder has its name.
inline void require_place(const std::filesystem::path& file) {
    std::error_code failed;
    const auto fail = [&](const std::filesystem::path& at, const std::string& what) {
        throw recording_error(file.string() + ": cannot be written, " + (at == file ? "it" : at.string()) + " " + what);
    };
    if (std::filesystem::is_directory(file, failed)) fail(file, "is a folder, expected a file or nothing");
    auto above = std::filesystem::absolute(file).parent_path();
    while (!std::filesystem::exists(above, failed) && above.has_relative_path()) {
        if (failed && failed != std::errc::not_a_directory) fail(above, "cannot be a folder (" + failed.message() + ")");
        above = above.parent_path();
    }
    if (!std::filesystem::is_directory(above, failed)) fail(above, "is a file, expected a folder");
    if (access(above.c_str(), W_OK | X_OK) != 0) fail(above, "takes no files (" + std::generic_category().message(errno) + ")");
}

}  // namespace rationale::detail

#endif
