// A folder that exists as long as the object does.
#ifndef RATIONALE_TESTS_SUPPORT_FOLDER_HPP
#define RATIONALE_TESTS_SUPPORT_FOLDER_HPP

#include <unistd.h>
#include <atomic>
#include <filesystem>
#include <string>

namespace rationale_test {

class temporary_folder {
public:
    temporary_folder() {
        static std::atomic<int> count{0};
        path_ = std::filesystem::temp_directory_path() / ("rationale-" + std::to_string(getpid()) + "-" + std::to_string(count++));
        std::filesystem::create_directories(path_);
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace rationale_test

#endif
