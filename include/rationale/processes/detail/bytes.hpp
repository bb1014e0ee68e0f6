#ifndef RATIONALE_PROCESSES_DETAIL_BYTES_HPP
#define RATIONALE_PROCESSES_DETAIL_BYTES_HPP

#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

/// Values to bytes and back, between processes of one program on machines of one kind: nothing says which values they are. Of a class of
/// one's own `fields(bytes, x)` calls bytes(its members...); where it binds them to names the compiler sees to it that none is missing.
template <class Derived>
class byte_stream {
public:
    template <class... T>
    void operator()(T&... values) {
        (one(values), ...);
    }

private:
    [[nodiscard]] Derived& self() noexcept { return static_cast<Derived&>(*this); }

    template <class T>
    void one(T& x) {
        if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) self().raw(&x, sizeof x);
        else if constexpr (requires { x.shape(), x.resize(x.shape()); }) array(x);
        else fields(self(), x);
    }
    void one(std::string& x) {
        x.resize(self().length(x.size()));
        self().raw(x.data(), x.size());
    }
    template <class T, class A>
    void one(std::vector<T, A>& x) {
        const std::size_t size = self().length(x.size());
        if constexpr (std::is_default_constructible_v<T>) x.resize(size);
        else x.resize(size, T::none(1));
        if constexpr (std::is_arithmetic_v<T>) self().raw(x.data(), size * sizeof(T));
        else
            for (auto& e : x) one(e);
    }
    template <class T, std::size_t N>
    void one(std::array<T, N>& x) {
        for (auto& e : x) one(e);
    }
    template <class T, class U>
    void one(std::pair<T, U>& x) {
        one(x.first), one(x.second);
    }
    template <class T>
    void one(std::optional<T>& x) {
        if (self().length(x.has_value() ? 1 : 0) == 0) return;
        if (!x) x.emplace();
        one(*x);
    }
    template <class T>
    void one(per_split<T>& x) {
        one(x.id), one(x.ood);
    }
    /// What several values share is carried once, and shared again.
    template <class T>
    void one(std::shared_ptr<const T>& x) {
        self().shared(x, [this](T& value) { one(value); });
    }
    template <class T>
    void array(T& x) {
        auto shape = x.shape();
        for (auto& length : shape) length = self().length(length);
        x.resize(shape);
        self().raw(x.data(), x.size() * sizeof *x.data());
    }
};

class byte_writer : public byte_stream<byte_writer> {
public:
    [[nodiscard]] std::string take() noexcept { return std::move(bytes_); }

private:
    friend byte_stream<byte_writer>;

    void raw(const void* from, std::size_t size) {
        if (size > 0) bytes_.append(static_cast<const char*>(from), size);
    }
    std::size_t length(std::size_t size) {
        raw(&size, sizeof size);
        return size;
    }
    template <class T, class Write>
    void shared(std::shared_ptr<const T>& x, const Write& write) {
        const auto [known, is_new] = known_.emplace(x.get(), known_.size());
        length(known->second);
        if (!is_new || length(x ? 1 : 0) == 0) return;
        write(const_cast<T&>(*x));  // NOLINT(cppcoreguidelines-pro-type-const-cast): it is read
    }

    std::string bytes_;
    std::map<const void*, std::size_t> known_;  // what is shared, by its place
};

class byte_reader : public byte_stream<byte_reader> {
public:
    /// The bytes must outlive it.
    explicit byte_reader(const std::string& bytes) noexcept : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}
    /// Throws std::runtime_error unless all were read.
    void finish() const {
        if (next_ != end_) misfit();
    }

private:
    friend byte_stream<byte_reader>;

    [[noreturn]] static void misfit() { throw std::runtime_error("rationale: processes have sent each other what does not fit"); }
    void raw(void* to, std::size_t size) {
        if (size > static_cast<std::size_t>(end_ - next_)) misfit();
        if (size > 0) std::memcpy(to, next_, size);
        next_ += size;
    }
    std::size_t length(std::size_t size) {
        raw(&size, sizeof size);
        return size;
    }
    template <class T, class Read>
    void shared(std::shared_ptr<const T>& x, const Read& read) {
        const std::size_t place = length(0);
        if (place == known_.size()) {
            auto& read_now = known_.emplace_back();
            if (length(0) != 0) {
                const auto value = std::make_shared<T>();
                read(*value);
                read_now = value;
            }
        }
        x = std::static_pointer_cast<const T>(known_.at(place));
    }

    const char *next_, *end_;
    std::vector<std::shared_ptr<const void>> known_;
};

}  // namespace rationale::detail

#endif
