#ifndef RATIONALE_RECORDING_WRITE_ASIDE_HPP
#define RATIONALE_RECORDING_WRITE_ASIDE_HPP

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "rationale/recording/recording_error.hpp"

namespace rationale {

namespace detail {

/// Closes a file.
struct close_file {
    void operator()(std::FILE* f) const noexcept { std::fclose(f); }
};
using open_file = std::unique_ptr<std::FILE, close_file>;

[[noreturn]] inline void cannot_be_written(const std::filesystem::path& path, int error) {
    throw recording_error(path.string() + ": cannot be written (" + std::generic_category().message(error) +
                          "), expected a folder with write access and room");
}

/// A new file beside `path`, under a name of its own that ends in .part, in which it is written until it takes its place whole. It is
/// removed unless it does. A file or a link that lies there already is never opened, and two programs do not share one.
class aside_file {
public:
    explicit aside_file(std::filesystem::path path) : place_(std::move(path)) {
        std::random_device chance;
        for (int tries = 0;; ++tries) {
            char ending[24];
            std::snprintf(ending, sizeof ending, ".%08x%08x.part", static_cast<unsigned>(chance()), static_cast<unsigned>(chance()));
            path_ = place_;
            path_ += ending;
            const int descriptor = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (descriptor >= 0) {
                file_.reset(::fdopen(descriptor, "w+b"));
                if (file_) return;
                ::close(descriptor);
            }
            const int error = errno;
            if (descriptor >= 0) std::remove(path_.c_str());
            if (descriptor >= 0 || error != EEXIST || tries == 100) cannot_be_written(place_, error);
        }
    }
    ~aside_file() {
        if (!path_.empty()) std::remove(path_.c_str());
    }
    aside_file(const aside_file&) = delete;
    aside_file& operator=(const aside_file&) = delete;

    /// Where it lies until it takes its place.
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    /// Appends.
    void write(std::string_view text) {
        if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) cannot_be_written(place_, errno);
    }
    /// It takes its place.
    void commit() {
        if (file_ && (std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0)) cannot_be_written(place_, errno);
        if (file_ && std::fclose(file_.release()) != 0) cannot_be_written(place_, errno);
        if (std::rename(path_.c_str(), place_.c_str()) != 0) cannot_be_written(place_, errno);
        path_.clear();
    }
    /// The open file, its name gone: its bytes vanish with it, however the program ends.
    [[nodiscard]] open_file without_name() {
        std::remove(path_.c_str());
        path_.clear();
        return std::move(file_);
    }

private:
    std::filesystem::path place_, path_;
    open_file file_;
};

}  // namespace detail

/// Writes a file so that it is there whole or not at all: beside its place first, then renamed. Throws recording_error when that fails.
inline void write_aside(const std::filesystem::path& path, std::string_view text) {
    detail::aside_file file(path);
    file.write(text);
    file.commit();
}

}  // namespace rationale

#endif
