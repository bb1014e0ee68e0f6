#ifndef RATIONALE_RECORDING_NPZ_HPP
#define RATIONALE_RECORDING_NPZ_HPP

#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/recording/npy_header.hpp"
#include "rationale/recording/recording_error.hpp"
#include "rationale/recording/regular_file.hpp"

namespace rationale {

/// Names of arrays whose two bytes a number are bfloat16, which NumPy does not know.
using bfloat16_arrays = std::set<std::string>;

/// How far a number of float16 or bfloat16 lies from what was rounded to it: at most `relative` of it, or `absolute` near 0. Both are 0 of
/// float32 and float64, whose rounding is not looked at.
struct number_rounding {
    const char* type = "";  ///< float16 or bfloat16; empty for others
    double relative = 0;    ///< half of a unit in the last place: 2^-11 and 2^-8
    double absolute = 0;    ///< half of the least positive number: 2^-25 and 2^-134
};

/// One array of an npz file, read front to back in pieces, so that no more of it than a piece is ever in memory. float16, bfloat16,
/// float32, float64, bool and integers of 1 to 8 bytes, in either order of bytes and of axes. What the archive and the array's header claim
/// of its size is checked before anything is read: they agree, and the bytes in the file can hold it.
class npy_stream {
public:
    /// Entries still to be read.
    [[nodiscard]] std::size_t left() const noexcept { return left_; }
    /// Lengths of its axes.
    [[nodiscard]] const std::vector<std::size_t>& shape() const noexcept { return shape_; }
    /// Whether it holds floating-point numbers, not integers.
    [[nodiscard]] bool floating() const noexcept { return floating_; }
    /// Whether numbers come in Fortran order, the first axis fastest.
    [[nodiscard]] bool fortran_order() const noexcept { return fortran_; }
    /// How numbers were rounded.
    [[nodiscard]] number_rounding rounding() const noexcept {
        if (!floating_ || size_ != 2) return {};
        return bfloat16_ ? number_rounding{"bfloat16", 0x1p-8, 0x1p-134} : number_rounding{"float16", 0x1p-11, 0x1p-25};
    }

    /// Reads the next out.size() numbers as double, in the order of the file.
    void read(std::span<double> out) { convert(out); }
    /// Reads the next out.size() numbers as integers; the array must hold integers, none above 2^63 - 1.
    void read(std::span<std::int64_t> out) {
        if (floating_) fail("holds " + descr_ + ", expected integers of 1 to 8 bytes, or bool");
        convert(out);
    }
    /// Reads all numbers that are left, in the order of the file; memory grows with what is there, not with what is claimed.
    template <class T>
    [[nodiscard]] std::vector<T> read_all() {
        std::vector<T> out;
        while (left_ > 0) read_more(out);
        return out;
    }
    /// Reads the whole array in pieces: calls put(place, number), in the order of the file, with the number's place in C order.
    template <class T, class Put>
    void for_each(const Put& put) {
        std::vector<std::size_t> index(shape_.size()), step(shape_.size(), 1);
        for (std::size_t axis = shape_.size(); axis-- > 1;) step[axis - 1] = step[axis] * shape_[axis];
        std::size_t place = 0;
        const auto advance = [&] {
            if (!fortran_) ++place;
            else
                for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
                    place += step[axis];
                    if (++index[axis] < shape_[axis]) return;
                    place -= step[axis] * shape_[axis], index[axis] = 0;
                }
        };
        for (std::vector<T> piece; left_ > 0; piece.clear()) {
            read_more(piece);
            for (const T number : piece) put(place, number), advance();
        }
    }
    /// Reads the next numbers and drops them.
    void drop(std::size_t numbers) {
        std::vector<char> piece((std::min)(numbers, chunk) * size_);
        for (std::size_t n = 0; numbers > 0; numbers -= n) {
            n = (std::min)(numbers, chunk);
            need(piece.data(), n * size_);
            left_ -= n;
        }
    }
    /// Leaves out the next numbers: those of a stored array are not read, so that it cannot be finished.
    void skip(std::size_t numbers) {
        if (!stored_ || numbers == 0) return drop(numbers);
        if (zip_fseek(in_.get(), static_cast<zip_int64_t>(numbers * size_), SEEK_CUR) != 0)
            fail("is truncated: it ends before its last number");
        left_ -= numbers;
    }
    /// After the last number: checks that the file ends here and that its checksum holds.
    void finish() {
        char more = 0;
        if (left_ != 0 || get(&more, 1) != 0) fail("is longer than its header says");
    }

    /// Throws recording_error: file, array, `what`.
    [[noreturn]] void fail(const std::string& what) const { throw recording_error(file_ + ": " + name_ + " " + what); }

private:
    friend class npz_file;
    npy_stream(zip_t* archive, std::string file, std::string name, zip_uint64_t entry, std::uint64_t file_bytes, bool bfloat16)
        : file_(std::move(file)), name_(std::move(name)), in_(nullptr, zip_fclose), bfloat16_(bfloat16) {
        zip_stat_t stat;
        constexpr zip_uint64_t wanted = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
        if (zip_stat_index(archive, entry, 0, &stat) != 0 || (stat.valid & wanted) != wanted) fail("has no size in the archive");
        if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
            fail("is compressed by method " + std::to_string(stat.comp_method) + ", expected a stored or deflated array");
        stored_ = stat.comp_method == ZIP_CM_STORE;
        // Deflate makes nothing smaller than by this factor.
        constexpr std::uint64_t most_deflated = 1032;
        const std::uint64_t holds = stored_ ? stat.comp_size : most_deflated * stat.comp_size;
        if (stat.comp_size > file_bytes || stat.size > holds)
            fail("claims to have " + std::to_string(stat.size) + " bytes, the " + std::to_string(stat.comp_size) + " in the file of " +
                 std::to_string(file_bytes) + " bytes cannot hold them");
        in_.reset(zip_fopen_index(archive, entry, 0));
        if (!in_) fail("cannot be read (" + std::string(zip_strerror(archive)) + "), expected a stored or deflated array");
        const std::size_t before = header();
        const std::size_t found = stat.size < before ? 0 : static_cast<std::size_t>(stat.size) - before;
        if (found != left_ * size_)
            fail((found < left_ * size_ ? "is truncated: its shape " : "is longer than its header says: its shape ") +
                 detail::shape_text(shape_) + " takes " + std::to_string(left_ * size_) + " bytes, found " + std::to_string(found));
    }

    std::size_t get(char* to, std::size_t bytes) {
        std::size_t got = 0;
        while (got < bytes) {
            const zip_int64_t n = zip_fread(in_.get(), to + got, bytes - got);
            if (n < 0) fail("is corrupt (" + std::string(zip_error_strerror(zip_file_get_error(in_.get()))) + ")");
            if (n == 0) break;
            got += static_cast<std::size_t>(n);
        }
        return got;
    }
    void need(char* to, std::size_t bytes) {
        if (get(to, bytes) != bytes) fail("is truncated: it ends before its last number");
    }

    /// Bytes of the header.
    std::size_t header() {
        unsigned char start[12];
        if (get(reinterpret_cast<char*>(start), 10) != 10 || std::memcmp(start, "\x93NUMPY", 6) != 0)
            fail("is not an array in NumPy's format");
        if (start[6] < 1 || start[6] > 3) fail("has NumPy format version " + std::to_string(start[6]) + ", expected 1, 2 or 3");
        std::size_t length = start[8] + 256u * start[9];
        if (start[6] > 1) {
            need(reinterpret_cast<char*>(start + 10), 2);
            length += 65536u * start[10] + 16777216u * start[11];
        }
        if (length > 65536) fail("has a header of " + std::to_string(length) + " bytes, expected a plain array");
        std::string text(length, ' ');
        need(text.data(), length);
        try {
            detail::npy_header h(text);
            if (bfloat16_ && (h.bytes != 2 || h.type == 'f'))
                fail("holds " + h.descr + ", expected two bytes a number (<V2, or their bits as uint16): types." + name_ + " is bfloat16");
            if (h.type == 'V' && !bfloat16_)
                fail("holds " + h.descr + ", two bytes that may mean anything: where they are bfloat16, write \"types\": {\"" + name_ +
                     "\": \"bfloat16\"} into manifest.json, else record float32");
            floating_ = h.type == 'f' || bfloat16_, signed_ = h.type == 'i', size_ = h.bytes, left_ = h.numbers;
            swapped_ = h.swapped, fortran_ = h.fortran_order && h.shape.size() > 1;
            shape_ = std::move(h.shape), descr_ = std::move(h.descr);
        } catch (const std::invalid_argument& e) {
            fail(e.what());
        }
        return length + (start[6] > 1 ? 12 : 10);
    }

    /// Reads the next numbers, at most 8192.
    template <class T>
    void read_more(std::vector<T>& out) {
        const std::size_t n = (std::min)(left_, chunk), before = out.size();
        out.resize(before + n);
        read(std::span(out).subspan(before));
    }
    /// Reads the next numbers of the file's type From, each as value(number).
    template <class From, class T, class Value>
    void convert_from(std::span<T> out, const Value& value) {
        buffer_.resize(chunk * sizeof(From));
        for (std::size_t from = 0; from < out.size(); from += chunk) {
            const std::size_t n = (std::min)(chunk, out.size() - from);
            need(buffer_.data(), n * sizeof(From));
            for (std::size_t i = 0; i < n; ++i) {
                char bytes[sizeof(From)];
                std::memcpy(bytes, buffer_.data() + i * sizeof(From), sizeof(From));
                if (swapped_) std::reverse(bytes, bytes + sizeof(From));
                From number;
                std::memcpy(&number, bytes, sizeof(From));
                out[from + i] = value(number);
            }
        }
    }
    template <class T>
    void convert(std::span<T> out) {
        if (out.size() > left_) fail("has fewer numbers than its shape says");
        left_ -= out.size();
        const auto as_it_is = [](auto number) { return static_cast<T>(number); };
        if (floating_ && size_ == 2) {
            if (bfloat16_) convert_from<std::uint16_t>(out, [](std::uint16_t bits) { return static_cast<T>(of_bfloat16(bits)); });
            else convert_from<std::uint16_t>(out, [](std::uint16_t bits) { return static_cast<T>(of_float16(bits)); });
        } else if (floating_) {
            if (size_ == 4) convert_from<float>(out, as_it_is);
            else convert_from<double>(out, as_it_is);
        } else if (signed_) {
            if (size_ == 1) convert_from<std::int8_t>(out, as_it_is);
            else if (size_ == 2) convert_from<std::int16_t>(out, as_it_is);
            else if (size_ == 4) convert_from<std::int32_t>(out, as_it_is);
            else convert_from<std::int64_t>(out, as_it_is);
        } else {
            if (size_ == 1) convert_from<std::uint8_t>(out, as_it_is);
            else if (size_ == 2) convert_from<std::uint16_t>(out, as_it_is);
            else if (size_ == 4) convert_from<std::uint32_t>(out, as_it_is);
            else
                convert_from<std::uint64_t>(out, [this](std::uint64_t number) {
                    if (std::is_integral_v<T> && number >> 63 != 0)
                        fail("holds " + std::to_string(number) + ", expected whole numbers below 2^63");
                    return static_cast<T>(number);
                });
        }
    }
    /// 1 bit of sign, 5 of exponent, 10 of fraction; exact.
    [[nodiscard]] static double of_float16(std::uint16_t bits) noexcept {
        const unsigned exponent = bits >> 10 & 31u, fraction = bits & 1023u;
        double size = exponent == 0 ? fraction : fraction + 1024.0;
        if (exponent < 31) size *= std::bit_cast<double>(std::uint64_t{(std::max)(exponent, 1u) + 1023 - 25} << 52);
        else size = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
        return bits >> 15 != 0 ? -size : size;
    }
    /// The upper half of a float32.
    [[nodiscard]] static float of_bfloat16(std::uint16_t bits) noexcept { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

    static constexpr std::size_t chunk = 8192;

    std::string file_, name_, descr_;
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> in_;
    std::vector<std::size_t> shape_;
    std::size_t size_ = 0, left_ = 0;
    bool bfloat16_, stored_ = false, floating_ = false, signed_ = false, swapped_ = false, fortran_ = false;
    std::vector<char> buffer_;
};

/// An npz file, open: a zip archive of NumPy arrays. It is for one thread at a time.
class npz_file {
public:
    /// Throws recording_error when there is no such file, it is no readable archive, it has an array twice or none of a name that is called
    /// bfloat16, or, where a state is given, when it is not the file of that state any more.
    explicit npz_file(const std::filesystem::path& path, const std::optional<file_state>& before = std::nullopt,
                      bfloat16_arrays bfloat16 = {})
        : file_(path.string()), bfloat16_(std::move(bfloat16)), archive_(nullptr, zip_discard) {
        detail::regular_file in(path, "a training run's npz file");
        if (before) in.check_unchanged(*before);
        state_ = in.state();
        int code = 0;
        const int descriptor = in.release();
        archive_.reset(zip_fdopen(descriptor, 0, &code));
        if (!archive_) {
            ::close(descriptor);
            zip_error_t error;
            zip_error_init_with_code(&error, code);
            const std::string why = zip_error_strerror(&error);
            zip_error_fini(&error);
            throw recording_error(file_ + ": is not a readable npz archive (" + why + ")");
        }
        const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
        for (zip_int64_t i = 0; i < count; ++i) {
            const auto entry = static_cast<zip_uint64_t>(i);
            const char* const given = zip_get_name(archive_.get(), entry, ZIP_FL_ENC_RAW);
            std::string name = given != nullptr ? given : "";
            if (name.ends_with(".npy")) name.resize(name.size() - 4);  // NumPy reads a member without the ending, too
            if (!entries_.emplace(name, entry).second) throw recording_error(file_ + ": " + name + " is there twice, expected once");
        }
        for (const auto& name : bfloat16_)
            if (!has(name))
                throw recording_error(file_ + ": types." + name +
                                      " of the manifest is bfloat16, expected an array of each of its runs; the " + "file has " +
                                      contents());
    }

    /// Its path.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    /// As it was when it was opened.
    [[nodiscard]] const file_state& state() const noexcept { return state_; }
    /// Whether there is such an array.
    [[nodiscard]] bool has(const std::string& name) const { return entries_.contains(name); }
    /// Opens an array. Throws recording_error, listing what the file has, when it is not there.
    [[nodiscard]] npy_stream open(const std::string& name) const {
        const auto at = entries_.find(name);
        if (at == entries_.end()) throw recording_error(file_ + ": " + name + " is missing; the file has " + contents());
        return {archive_.get(), file_, name, at->second, state_.size, bfloat16_.contains(name)};
    }
    /// Names of all arrays, in their order.
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> out(entries_.size());
        for (const auto& [name, entry] : entries_) out[entry] = name;
        return out;
    }
    /// Names of all arrays, as a list in words: the first hundred of them.
    [[nodiscard]] std::string contents() const {
        std::string text;
        std::size_t count = 0;
        for (const auto& name : names()) {
            if (++count > 100) return text + ", and others";
            text += (text.empty() ? "" : ", ") + (name.empty() ? "an entry without a name" : name);
        }
        return text.empty() ? "no arrays" : text;
    }
    /// Name, bytes and checksum of every array: the same for files that hold the same.
    [[nodiscard]] std::string checksums() const {
        std::string out;
        for (const auto& [name, entry] : entries_) {
            zip_stat_t stat;
            if (zip_stat_index(archive_.get(), entry, 0, &stat) != 0) continue;
            out += name + ' ' + std::to_string(stat.size) + ' ' + std::to_string(stat.crc) + '\n';
        }
        return out;
    }

private:
    std::string file_;
    bfloat16_arrays bfloat16_;
    file_state state_{};
    std::unique_ptr<zip_t, void (*)(zip_t*)> archive_;
    std::map<std::string, zip_uint64_t> entries_;
};

}  // namespace rationale

#endif
