#ifndef RATIONALE_RECORDING_WRITE_ASIDE_HPP
#define RATIONALE_RECORDING_WRITE_ASIDE_HPP

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "rationale/recording/npz.hpp"

namespace rationale {

/// Writes a file so that it is there whole or not at all: beside its place first, then renamed. Throws recording_error when that fails.
inline void write_aside(const std::filesystem::path& path, std::string_view text) {
    auto aside = path;
    aside += ".part";
    {
        std::ofstream out(aside, std::ios::binary);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.flush();
        if (!out) {
            std::error_code ignored;
            std::filesystem::remove(aside, ignored);
            throw recording_error(path.string() + ": cannot be written, expected a folder with write access and room");
        }
    }
    std::error_code failed;
    std::filesystem::rename(aside, path, failed);
    if (failed) {
        std::error_code ignored;
        std::filesystem::remove(aside, ignored);
        throw recording_error(path.string() + ": cannot be written (" + failed.message() + ")");
    }
}

}  // namespace rationale

#endif
