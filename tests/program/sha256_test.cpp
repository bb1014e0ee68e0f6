#include "rationale/program/sha256.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "rationale/recording/recording_error.hpp"
#include "support/folder.hpp"

namespace {

rationale::file_read written(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
    return {file, rationale::detail::regular_file(file, "a file").state()};
}

}  // namespace

TEST_CASE("the published digests of FIPS 180-4, and a file of several pieces") {
    const auto hash = rationale::detail::system_sha256();
    if (!hash) return;  // no OpenSSL
    const rationale_test::temporary_folder folder;
    const auto of = [&](const std::string& text) { return hash(written(folder.path() / "file", text)); };
    CHECK(of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(of(std::string(3000000, 'a')) == "2a152c894398719c0570f83fac34ac03a0f6e8e474b995c2403aa5434f7b9dd4");
}

TEST_CASE("a file that was written since it was read is refused") {
    const auto hash = rationale::detail::system_sha256();
    if (!hash) return;  // no OpenSSL
    const rationale_test::temporary_folder folder;
    const auto file = written(folder.path() / "file", "abc");
    (void)written(file.path, "abcd");
    CHECK_THROWS_AS((void)hash(file), rationale::recording_error);
}
