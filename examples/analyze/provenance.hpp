// What a report was made with, and from.
#ifndef RATIONALE_EXAMPLES_ANALYZE_PROVENANCE_HPP
#define RATIONALE_EXAMPLES_ANALYZE_PROVENANCE_HPP

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
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
/// SHA-256 of a file in hexadecimal digits, read piece by piece; empty where it cannot be read.
inline std::string sha256_of(const std::filesystem::path& file) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::ifstream in(file, std::ios::binary);
    if (!in || !hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1) return {};
    std::vector<char> piece(1 << 20);
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0)
        EVP_DigestUpdate(hash.get(), piece.data(), static_cast<std::size_t>(in.gcount()));
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

/// SHA-256 of the manifests and of the runs' files; nothing where the program was built without OpenSSL.
inline rationale::report_options::named hashes([[maybe_unused]] std::span<const rationale::recording_analysis> all) {
    rationale::report_options::named out;
#if defined(ANALYZE_WITH_OPENSSL)
    for (const auto& a : all) {
        const std::filesystem::path folder(a.folder);
        out.emplace_back((folder / "manifest.json").string(), sha256_of(folder / "manifest.json"));
        for (const auto& r : a.runs) out.emplace_back((folder / r.file).string(), sha256_of(folder / r.file));
    }
#endif
    return out;
}

#endif
