#ifndef RATIONALE_RECORDING_NPY_HEADER_HPP
#define RATIONALE_RECORDING_NPY_HEADER_HPP

#include <bit>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rationale::detail {

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

/// What a .npy file says of its numbers: a Python dictionary such as {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }, with
/// either quotes, as NumPy reads it; Python 2 wrote (2L, 3L).
struct npy_header {
    /// More entries than this are a false shape.
    static constexpr std::size_t most_numbers = std::size_t{1} << 48;

    char type = 0;               ///< 'f', 'i', 'u', 'b' for bool, or 'V' for two bytes whose meaning NumPy does not know
    std::size_t bytes = 0;       ///< of a number: 1, 2, 4 or 8
    std::string descr;           ///< as it is there
    bool swapped = false;        ///< the bytes of a number are in the other order than the machine's
    bool fortran_order = false;  ///< the first axis varies fastest
    std::vector<std::size_t> shape;
    std::size_t numbers = 1;  ///< entries of the shape

    /// Throws std::invalid_argument with what follows the array's name in a sentence.
    explicit npy_header(std::string_view text) : left_(text) {
        bool has_type = false, has_order = false, has_shape = false;
        expect('{', "is no dictionary");
        while (!take('}')) {
            const std::string key = quoted("has a header whose keys are no texts");
            expect(':', "lacks a colon after " + key);
            if (key == "descr") read_type(), has_type = true;
            else if (key == "fortran_order") read_order(), has_order = true;
            else if (key == "shape") read_shape(), has_shape = true;
            else fail("has a header with " + key + ", expected descr, fortran_order and shape");
            if (!take(',')) {
                expect('}', "does not end with a bracket");
                break;
            }
        }
        if (!has_type || !has_order || !has_shape)
            fail(std::string("has a header without ") + (!has_type ? "descr" : !has_order ? "fortran_order" : "shape"));
    }

private:
    [[noreturn]] static void fail(const std::string& what) { throw std::invalid_argument(what); }
    void skip() {
        const auto at = left_.find_first_not_of(" \t\r\n");
        left_.remove_prefix(at == std::string_view::npos ? left_.size() : at);
    }
    bool take(std::string_view word) {
        skip();
        if (!left_.starts_with(word)) return false;
        left_.remove_prefix(word.size());
        return true;
    }
    bool take(char c) { return take(std::string_view(&c, 1)); }
    void expect(char c, const std::string& otherwise) {
        if (!take(c)) fail("has a header that " + otherwise);
    }
    std::string quoted(const char* otherwise) {
        skip();
        if (left_.starts_with('u') || left_.starts_with('b')) left_.remove_prefix(1);  // Python's u'text' and b'text'
        const char quote = left_.empty() ? ' ' : left_[0];
        const auto end = quote == '\'' || quote == '"' ? left_.find(quote, 1) : std::string_view::npos;
        if (end == std::string_view::npos) fail(otherwise);
        const std::string out(left_.substr(1, end - 1));
        left_.remove_prefix(end + 1);
        return out;
    }
    void read_type() {
        struct known_type {
            char type;
            std::size_t bytes;
            std::string_view code, letter, name;
        };
        static constexpr known_type all[] = {
            {'f', 4, "f4", "f", "float32"},  {'f', 8, "f8", "d", "float64"}, {'f', 2, "f2", "e", "float16"}, {'i', 1, "i1", "b", "int8"},
            {'i', 2, "i2", "h", "int16"},    {'i', 4, "i4", "i", "int32"},   {'i', 8, "i8", "q", "int64"},   {'u', 1, "u1", "B", "uint8"},
            {'u', 2, "u2", "H", "uint16"},   {'u', 4, "u4", "I", "uint32"},  {'u', 8, "u8", "Q", "uint64"},  {'b', 1, "b1", "?", "bool"},
            {'V', 2, "V2", "V2", "bfloat16"}};
        descr = quoted("has a structured type, expected plain numbers");
        std::string_view name = descr;
        const char order = name.empty() ? '=' : name[0];
        if (order == '<' || order == '>' || order == '=' || order == '|') name.remove_prefix(1);
        constexpr bool little = std::endian::native == std::endian::little;
        swapped = (order == '>' && little) || ((order == '<' || order == '|') && !little);
        for (const auto& known : all)
            if (name == known.code || name == known.letter || name == known.name) {
                type = known.type, bytes = known.bytes;
                return;
            }
        fail("has the type " + descr + ", expected float16, float32, float64, bfloat16, bool, or integers of 1 to 8 bytes");
    }
    void read_order() {
        fortran_order = take("True");
        if (!fortran_order && !take("False")) fail("has a header whose fortran_order is neither True nor False");
    }
    void read_shape() {
        const char* const no_list = "has a header whose shape is not a list of lengths";
        if (!take('(')) fail(no_list);
        shape.clear(), numbers = 1;
        for (bool comma = true; !take(')');) {
            skip();
            std::size_t digits = 0, n = 0;
            for (; digits < left_.size() && left_[digits] >= '0' && left_[digits] <= '9'; ++digits) {
                n = 10 * n + static_cast<std::size_t>(left_[digits] - '0');
                if (n > most_numbers) fail("claims an impossible shape");
            }
            if (digits == 0 || !comma) fail(no_list);
            left_.remove_prefix(digits);
            (void)(take('L') || take('l'));
            if (n != 0 && numbers > most_numbers / n) fail("claims an impossible shape");
            shape.push_back(n), numbers *= n;
            comma = take(',');
            if (!comma && shape.size() == 1) fail(no_list);  // (2) is a number in Python, (2,) a list
        }
    }

    std::string_view left_;
};

}  // namespace rationale::detail

#endif
