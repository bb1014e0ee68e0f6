#ifndef RATIONALE_RECORDING_REGULAR_FILE_HPP
#define RATIONALE_RECORDING_REGULAR_FILE_HPP

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "rationale/recording/recording_error.hpp"

namespace rationale {

/// Which file lies at a path, and when it was last written: the same state means the same bytes.
struct file_state {
    std::uint64_t device = 0;       ///< number of its file system
    std::uint64_t file = 0;         ///< its number there
    std::uint64_t size = 0;         ///< in bytes
    std::uint64_t seconds = 0;      ///< from 1970 to the last writing
    std::uint64_t nanoseconds = 0;  ///< beyond these

    /// Whether it is the same file, not written since.
    friend bool operator==(const file_state&, const file_state&) = default;
};

namespace detail {

/// A regular file, open for reading. A folder, a pipe or a device is refused before it is opened: nobody waits for a pipe.
class regular_file {
public:
    /// Throws recording_error where there is none; `expected` says what should be there.
    explicit regular_file(const std::filesystem::path& path, std::string expected) : path_(path.string()), expected_(std::move(expected)) {
        struct stat found {};
        if (::stat(path_.c_str(), &found) != 0) cannot_open();
        require_regular(found);
        descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe may have taken its place
        if (descriptor_ < 0) cannot_open();
        try {
            (void)state();
        } catch (...) {
            ::close(descriptor_);
            throw;
        }
    }
    ~regular_file() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    regular_file(const regular_file&) = delete;
    regular_file& operator=(const regular_file&) = delete;

    /// As it is now.
    [[nodiscard]] file_state state() const {
        struct stat found {};
        if (::fstat(descriptor_, &found) != 0) cannot_open();
        require_regular(found);
#ifdef __APPLE__
        const auto& written = found.st_mtimespec;
#else
        const auto& written = found.st_mtim;
#endif
        return {static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino),
                static_cast<std::uint64_t>(found.st_size), static_cast<std::uint64_t>(written.tv_sec),
                static_cast<std::uint64_t>(written.tv_nsec)};
    }
    /// Throws recording_error unless it is the file of that state.
    void check_unchanged(const file_state& before) const {
        if (state() != before)
            throw recording_error(path_ + ": was written or replaced while it was analyzed, expected the same file until the end");
    }
    /// Up to `count` more bytes; 0 at the end.
    std::size_t read(char* to, std::size_t count) const {
        for (;;) {
            const ssize_t n = ::read(descriptor_, to, count);
            if (n >= 0) return static_cast<std::size_t>(n);
            if (errno != EINTR) throw recording_error(path_ + ": cannot be read (" + reason() + ")");
        }
    }
    /// All of it. Throws recording_error for more than `most` bytes.
    [[nodiscard]] std::string text(std::size_t most) const {
        std::string out;
        char piece[65536];
        for (std::size_t n = read(piece, sizeof piece); n > 0; n = read(piece, sizeof piece)) {
            if (n > most - out.size())
                throw recording_error(path_ + ": has more than " + std::to_string(most) + " bytes, expected " + expected_);
            out.append(piece, n);
        }
        return out;
    }
    /// The descriptor, which the caller closes.
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

private:
    [[nodiscard]] static std::string reason() { return std::generic_category().message(errno); }
    [[noreturn]] void cannot_open() const {
        if (errno == ENOENT || errno == ENOTDIR) throw recording_error(path_ + ": there is no such file, expected " + expected_);
        throw recording_error(path_ + ": cannot be opened (" + reason() + "), expected " + expected_);
    }
    void require_regular(const struct stat& found) const {
        if (S_ISREG(found.st_mode)) return;
        const char* const what = S_ISDIR(found.st_mode)    ? "a folder"
                                 : S_ISFIFO(found.st_mode) ? "a pipe"
                                 : S_ISSOCK(found.st_mode) ? "a socket"
                                                           : "a device";
        throw recording_error(path_ + ": is " + what + ", expected " + expected_);
    }

    std::string path_, expected_;
    int descriptor_ = -1;
};

}  // namespace detail

/// A file that was read, with its state then.
struct file_read {
    std::filesystem::path path;  ///< where it lies
    file_state state{};          ///< when it was first opened

    /// Throws recording_error where another file lies there now, or the same was written since.
    void require_unchanged() const { detail::regular_file(path, "the file that was analyzed").check_unchanged(state); }
};

}  // namespace rationale

#endif
