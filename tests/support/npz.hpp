// npz files for tests: whole arrays read, and archives written byte by byte, so that they can say what is not true.
#ifndef RATIONALE_TESTS_SUPPORT_NPZ_HPP
#define RATIONALE_TESTS_SUPPORT_NPZ_HPP

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/recording/npz.hpp"

namespace rationale_test {

struct npz_entry {
    std::vector<std::size_t> shape;
    std::vector<double> values;
};

inline std::map<std::string, npz_entry> load_npz(const std::string& path) {
    const rationale::npz_file file(path);
    std::map<std::string, npz_entry> out;
    for (const auto& name : file.names()) {
        auto in = file.open(name);
        npz_entry e{in.shape(), std::vector<double>(in.left())};
        in.read(std::span(e.values));
        in.finish();
        out.emplace(name, std::move(e));
    }
    return out;
}

/// A number's bytes, the lowest first.
inline std::string low_first(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value & 255);
    return out;
}

/// A .npy file: its header as it is given, and its data.
inline std::string npy_text(const std::string& header, std::string_view data, char version = 1) {
    std::string out = "\x93NUMPY";
    out += {version, '\0'};
    return out + low_first(header.size(), version == 1 ? 2 : 4) + header + std::string(data);
}

/// A member of an archive. Stored, or by another method, whose bytes are given as they are then; it may claim another size than its own.
struct zip_member {
    std::string name, bytes;
    unsigned method = 0;
    std::optional<std::uint64_t> claimed{};
};

/// An archive, members in their order; names may repeat.
inline std::string zip_text(const std::vector<zip_member>& members) {
    const auto crc = [](std::string_view text) {
        std::uint32_t c = 0xffffffff;
        for (char byte : text) {
            c ^= static_cast<unsigned char>(byte);
            for (int i = 0; i < 8; ++i) c = (c >> 1) ^ (0xedb88320 & (0 - (c & 1)));
        }
        return ~c;
    };
    std::string out, directory;
    for (const auto& m : members) {
        const std::string start = low_first(20, 2) + low_first(0, 2) + low_first(m.method, 2) + low_first(0, 4) +
                                  low_first(crc(m.bytes), 4) + low_first(m.bytes.size(), 4) +
                                  low_first(m.claimed.value_or(m.bytes.size()), 4) + low_first(m.name.size(), 2) + low_first(0, 2);
        directory += "PK\x01\x02" + low_first(20, 2) + start + low_first(0, 2) + low_first(0, 2) + low_first(0, 2) + low_first(0, 4) +
                     low_first(out.size(), 4) + m.name;
        out += "PK\x03\x04" + start + m.name + m.bytes;
    }
    return out + directory + "PK\x05\x06" + low_first(0, 4) + low_first(members.size(), 2) + low_first(members.size(), 2) +
           low_first(directory.size(), 4) + low_first(out.size(), 4) + low_first(0, 2);
}

}  // namespace rationale_test

#endif
