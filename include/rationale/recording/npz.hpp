#ifndef RATIONALE_RECORDING_NPZ_HPP
#define RATIONALE_RECORDING_NPZ_HPP

#include <zip.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rationale {

/// A fault of a recording, in one sentence that names file, array, what was expected and what was found.
class recording_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

namespace detail {

/// "(3, 4)"
[[nodiscard]] inline std::string shape_text(std::span<const std::size_t> shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + (shape.size() == 1 ? ",)" : ")");
}

/// "[3, 5]"
[[nodiscard]] inline std::string index_text(std::span<const std::size_t> index) {
    std::string text(1, '[');
    for (std::size_t i = 0; i < index.size(); ++i) {
        if (i > 0) text += ", ";
        text += std::to_string(index[i]);
    }
    text += ']';
    return text;
}

}  // namespace detail

/// One array of an npz file, read front to back in pieces, so that no more of it than a piece is ever in memory. Little-endian float32,
/// float64, int32 and int64 in C order.
class npy_stream {
public:
    /// Entries still to be read.
    [[nodiscard]] std::size_t left() const noexcept { return left_; }
    /// Lengths of its axes.
    [[nodiscard]] const std::vector<std::size_t>& shape() const noexcept { return shape_; }
    /// Whether it holds float32 or float64, not integers.
    [[nodiscard]] bool floating() const noexcept { return type_[1] == 'f'; }

    /// Reads the next out.size() numbers as double.
    void read(std::span<double> out) { convert(out); }
    /// Reads the next out.size() numbers as integers; the array must hold integers.
    void read(std::span<std::int64_t> out) {
        if (floating()) fail("holds " + type_ + ", expected integers (int32 or int64)");
        convert(out);
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
    npy_stream(zip_t* archive, std::string file, std::string name, zip_uint64_t entry)
        : file_(std::move(file)), name_(std::move(name)), in_(zip_fopen_index(archive, entry, 0), zip_fclose) {
        if (!in_) fail("cannot be read (" + std::string(zip_strerror(archive)) + "), expected a stored or deflated array");
        const std::size_t before = header();
        // The archive knows the size: a false shape is found here, before anybody makes room for it.
        zip_stat_t stat;
        if (zip_stat_index(archive, entry, 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) return;
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
        type_ = quoted(value_of(text, "descr"));
        if (type_ != "<f4" && type_ != "<f8" && type_ != "<i4" && type_ != "<i8")
            fail("has the type " + type_ + ", expected little-endian float32, float64, int32 or int64 (<f4, <f8, <i4 or <i8)");
        size_ = static_cast<std::size_t>(type_[2] - '0');
        const std::string_view order = value_of(text, "fortran_order");
        const bool fortran = order.starts_with("True");
        if (!fortran && !order.starts_with("False")) fail("has a header whose fortran_order is neither True nor False");
        read_shape(value_of(text, "shape"));
        if (fortran && shape_.size() > 1) fail("is in Fortran order, expected C order: write numpy.ascontiguousarray(array)");
        return length + (start[6] > 1 ? 12 : 10);
    }
    /// "(2, 3)", "(2,)" or "()".
    void read_shape(std::string_view text) {
        const auto digit = [&](std::size_t i) { return i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0; };
        const auto skip = [&](std::size_t& i) {
            while (i < text.size() && text[i] == ' ') ++i;
        };
        std::size_t i = 1;
        bool fine = text.starts_with('(');
        left_ = 1;
        for (skip(i); fine && digit(i); skip(i)) {
            std::size_t n = 0;
            for (; digit(i); ++i) {
                n = 10 * n + static_cast<std::size_t>(text[i] - '0');
                if (n > most_numbers) fail("claims an impossible shape");
            }
            if (n != 0 && left_ > most_numbers / n) fail("claims an impossible shape");
            shape_.push_back(n);
            left_ *= n;
            skip(i);
            fine = i < text.size() && (text[i] == ',' || text[i] == ')');
            if (fine && text[i] == ',') ++i;
        }
        if (!fine || i >= text.size() || text[i] != ')') fail("has a header whose shape is not a list of lengths");
    }
    [[nodiscard]] std::string_view value_of(std::string_view text, const char* key) const {
        std::string wanted(1, '\'');
        wanted += key;
        wanted += '\'';
        const auto at = text.find(wanted);
        auto from = at == std::string_view::npos ? at : text.find(':', at);
        if (from == std::string_view::npos) fail("has a header without " + std::string(key));
        from = text.find_first_not_of(' ', from + 1);
        return text.substr((std::min)(from, text.size()));
    }
    [[nodiscard]] std::string quoted(std::string_view value) const {
        if (value.empty() || (value[0] != '\'' && value[0] != '"')) fail("has a structured type, expected plain numbers");
        return std::string(value.substr(1, (std::min)(value.find(value[0], 1), value.size()) - 1));
    }

    template <class T>
    void convert(std::span<T> out) {
        if (out.size() > left_) fail("has fewer numbers than its shape says");
        left_ -= out.size();
        constexpr std::size_t chunk = 8192;
        buffer_.resize(chunk * 8);
        for (std::size_t from = 0; from < out.size(); from += chunk) {
            const std::size_t n = (std::min)(chunk, out.size() - from);
            need(buffer_.data(), n * size_);
            const auto each = [&]<class From>(From) {
                for (std::size_t i = 0; i < n; ++i) {
                    char bytes[sizeof(From)];
                    std::memcpy(bytes, buffer_.data() + i * sizeof(From), sizeof(From));
                    if constexpr (std::endian::native == std::endian::big) std::reverse(bytes, bytes + sizeof(From));
                    From value;
                    std::memcpy(&value, bytes, sizeof(From));
                    out[from + i] = static_cast<T>(value);
                }
            };
            if (type_ == "<f4") each(float{});
            else if (type_ == "<f8") each(double{});
            else if (type_ == "<i4") each(std::int32_t{});
            else each(std::int64_t{});
        }
    }

    static constexpr std::size_t most_numbers = std::size_t{1} << 48;

    std::string file_, name_, type_;
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> in_;
    std::vector<std::size_t> shape_;
    std::size_t size_ = 0, left_ = 0;
    std::vector<char> buffer_;
};

/// An npz file: a zip archive of NumPy arrays.
class npz_file {
public:
    /// Throws recording_error when there is no such file or it is no readable archive.
    explicit npz_file(const std::filesystem::path& path) : file_(path.string()), archive_(nullptr, zip_discard) {
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(path, ignored))
            throw recording_error(file_ + ": there is no such file, expected a training run's npz file");
        int code = 0;
        archive_.reset(zip_open(file_.c_str(), ZIP_RDONLY, &code));
        if (!archive_) {
            zip_error_t error;
            zip_error_init_with_code(&error, code);
            const std::string why = zip_error_strerror(&error);
            zip_error_fini(&error);
            throw recording_error(file_ + ": is not a readable npz archive (" + why + ")");
        }
    }

    /// Its path.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    /// Whether there is such an array.
    [[nodiscard]] bool has(const std::string& name) const { return zip_name_locate(archive_.get(), (name + ".npy").c_str(), 0) >= 0; }
    /// Opens an array. Throws recording_error, listing what the file has, when it is not there.
    [[nodiscard]] npy_stream open(const std::string& name) const {
        const zip_int64_t entry = zip_name_locate(archive_.get(), (name + ".npy").c_str(), 0);
        if (entry < 0) throw recording_error(file_ + ": " + name + " is missing; the file has " + contents());
        return {archive_.get(), file_, name, static_cast<zip_uint64_t>(entry)};
    }
    /// Names of all arrays, as a list in words.
    [[nodiscard]] std::string contents() const {
        std::string text;
        const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
        for (zip_int64_t i = 0; i < count; ++i) {
            const char* const entry = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), 0);
            std::string name = entry != nullptr ? entry : "an entry without a name";
            if (name.ends_with(".npy")) name.resize(name.size() - 4);
            text += (i ? ", " : "") + name;
        }
        return text.empty() ? "no arrays" : text;
    }

private:
    std::string file_;
    std::unique_ptr<zip_t, void (*)(zip_t*)> archive_;
};

}  // namespace rationale

#endif
