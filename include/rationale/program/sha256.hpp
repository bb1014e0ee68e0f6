// SHA-256 of the files that a report was made from, where OpenSSL is installed.
#ifndef RATIONALE_PROGRAM_SHA256_HPP
#define RATIONALE_PROGRAM_SHA256_HPP

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#if __has_include(<openssl/evp.h>)
#include <openssl/evp.h>
#endif

#include "rationale/recording/regular_file.hpp"

namespace rationale::detail {

/// The hash of a file as it was read, in hexadecimal digits. Throws recording_error where the file is another one now.
using file_hash = std::function<std::string(const file_read&)>;

/// SHA-256; empty where OpenSSL's header was not found. Link what is there: -lcrypto (CMake: rationale::program). Every translation unit
/// has a function of its own, as it may find another header than the next: no inline function should call it.
[[nodiscard, maybe_unused]] static file_hash system_sha256() {
#if __has_include(<openssl/evp.h>)
    return [](const file_read& file) {
        const regular_file in(file.path, "the file that was analyzed");
        in.check_unchanged(file.state);
        const auto must = [](int fine) {
            if (fine != 1) throw std::runtime_error("rationale::analyze_program: OpenSSL has no SHA-256 here");
        };
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
        must(hash ? EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) : 0);
        std::vector<char> piece(1 << 20);
        for (std::size_t n = in.read(piece.data(), piece.size()); n > 0; n = in.read(piece.data(), piece.size()))
            must(EVP_DigestUpdate(hash.get(), piece.data(), n));
        in.check_unchanged(file.state);
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned size = 0;
        must(EVP_DigestFinal_ex(hash.get(), digest.data(), &size));
        std::string out;
        for (const unsigned byte : std::span(digest).first(size))
            for (const unsigned digit : {byte / 16, byte % 16}) out += "0123456789abcdef"[digit];
        return out;
    };
#else
    return {};
#endif
}

}  // namespace rationale::detail

#endif
