#ifndef RATIONALE_PROGRAM_MANIFESTS_HPP
#define RATIONALE_PROGRAM_MANIFESTS_HPP

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "rationale/recording/manifest.hpp"

namespace rationale::detail {

/// Recordings that a command line names.
struct named_recordings {
    std::vector<manifest> manifests{};    ///< each under a name of its own
    std::vector<std::string> left_out{};  ///< files beside them: a shell's folder/* names these too
};

/// Reads the manifests of folders. Throws recording_error for a faulty one, for a recording that is named twice, and for a file where it is
/// named alone or as a part of a recording.
[[nodiscard]] inline named_recordings read_manifests(const std::vector<std::string>& folders) {
    namespace fs = std::filesystem;
    named_recordings out;
    auto& all = out.manifests;
    for (const auto& folder : folders) {
        std::error_code ignored;
        if (fs::is_regular_file(folder, ignored)) {
            if (folders.size() == 1 || fs::path(folder).extension() == ".npz" || fs::path(folder).filename() == "manifest.json")
                throw recording_error(folder + ": is a file, expected the folder of a recording");
            out.left_out.push_back(folder);
            continue;
        }
        all.push_back(read_manifest(folder));
        for (std::size_t i = 0; i + 1 < all.size(); ++i)
            if (all[i].state == all.back().state)
                throw recording_error(folder + ": is the same recording as " + all[i].folder.string() + ", expected each once");
    }
    if (all.empty()) throw recording_error(folders.at(0) + ": is a file, expected the folder of a recording");
    // Tables and figures tell recordings apart by name.
    std::map<std::string, std::size_t> of_name;
    for (const auto& m : all) ++of_name[m.name];
    for (auto& m : all)
        if (m.name.empty()) m.name = m.folder.string();
        else if (of_name[m.name] > 1) m.name += " (" + m.folder.string() + ")";
    return out;
}

}  // namespace rationale::detail

#endif
