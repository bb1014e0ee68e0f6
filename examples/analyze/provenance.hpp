// What a report was made with, and from.
#ifndef RATIONALE_EXAMPLES_ANALYZE_PROVENANCE_HPP
#define RATIONALE_EXAMPLES_ANALYZE_PROVENANCE_HPP

#include <array>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#if defined(ANALYZE_WITH_OPENSSL)
#include <openssl/evp.h>
#endif

#include "rationale/array.hpp"
#include "rationale/figure/report.hpp"
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/recording/regular_file.hpp"
#include "rationale/version.hpp"

inline std::string dotted(int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}
inline std::string rationale_version() { return dotted(rationale::version_major, rationale::version_minor, rationale::version_patch); }

inline rationale::report_options::named versions() {
    rationale::report_options::named out{{"rationale", rationale_version()},
                                         {"xtensor", dotted(XTENSOR_VERSION_MAJOR, XTENSOR_VERSION_MINOR, XTENSOR_VERSION_PATCH)},
                                         {"xsimd", dotted(XSIMD_VERSION_MAJOR, XSIMD_VERSION_MINOR, XSIMD_VERSION_PATCH)}};
#if defined(__clang__)
    out.emplace_back("compiler", "clang " __clang_version__);
#elif defined(__GNUC__)
    out.emplace_back("compiler", "g++ " __VERSION__);
#endif
    return out;
}

#if defined(ANALYZE_WITH_OPENSSL)
/// SHA-256 in hexadecimal digits of a file's bytes as they were read. Throws recording_error where they are others now.
inline std::string sha256_of(const rationale::file_read& file) {
    const rationale::detail::regular_file in(file.path, "the file that was analyzed");
    in.check_unchanged(file.state);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    if (!hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1) return {};
    std::vector<char> piece(1 << 20);
    for (std::size_t n = in.read(piece.data(), piece.size()); n > 0; n = in.read(piece.data(), piece.size()))
        EVP_DigestUpdate(hash.get(), piece.data(), n);
    in.check_unchanged(file.state);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_DigestFinal_ex(hash.get(), digest.data(), &length);
    std::string out;
    for (unsigned char byte : std::span(digest).first(length)) {
        std::array<char, 3> hex{};
        std::snprintf(hex.data(), hex.size(), "%02x", byte);
        out += hex.data();
    }
    return out;
}
#endif

/// Adds the SHA-256 of the manifest and of the runs' files; nothing where the program was built without OpenSSL.
inline void add_hashes([[maybe_unused]] rationale::report_options::named& hashes, [[maybe_unused]] const rationale::recording_analysis& a) {
#if defined(ANALYZE_WITH_OPENSSL)
    for (const auto& file : a.files) hashes.emplace_back(rationale::detail::shown(file.path.string()), sha256_of(file));
#endif
}

#endif
