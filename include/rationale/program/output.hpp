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
#include <vector>

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
        if (std::filesystem::is_symlink(above, failed)) fail(above, "is a link to nothing");
        above = above.parent_path();
    }
    if (!std::filesystem::is_directory(above, failed)) fail(above, "is a file, expected a folder");
    if (access(above.c_str(), W_OK | X_OK) != 0) fail(above, "takes no files (" + std::generic_category().message(errno) + ")");
}

/// A folder and those above it, made where they are missing; at its end those that it made and that are empty are removed.
class made_folders {
public:
    explicit made_folders(const std::filesystem::path& folder) {
        std::error_code failed;
        for (auto at = std::filesystem::absolute(folder); at.has_relative_path() && !std::filesystem::exists(at, failed);
             at = at.parent_path())
            made_.push_back(at);
        std::filesystem::create_directories(folder);
    }
    ~made_folders() {
        std::error_code not_empty;
        for (const auto& at : made_) std::filesystem::remove(at, not_empty);
    }
    made_folders(const made_folders&) = delete;
    made_folders& operator=(const made_folders&) = delete;

private:
    std::vector<std::filesystem::path> made_{};  // the innermost first
};

}  // namespace rationale::detail

#endif
