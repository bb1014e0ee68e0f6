// The compressors of the published description lengths, each where its library is installed.
#ifndef RATIONALE_COMPLEXITY_COMPRESSORS_HPP
#define RATIONALE_COMPLEXITY_COMPRESSORS_HPP

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "rationale/complexity/description_length.hpp"

#if __has_include(<lzma.h>)
#include <lzma.h>
#endif
#if __has_include(<bzlib.h>)
#include <bzlib.h>
#endif
#if __has_include(<brotli/encode.h>)
#include <brotli/encode.h>
#endif
#if __has_include(<zstd.h>)
#include <zstd.h>
#endif

namespace rationale {

/// xz -9e with a CRC64, bzip2 -9, brotli 11 and zstd 22, in this order, without those whose header was not found. Link what is there:
/// -llzma -lbz2 -lbrotlienc -lzstd (CMake: rationale::compression). Every translation unit has a function of its own, as it may find other
/// headers than the next: no inline function should call it.
[[nodiscard, maybe_unused]] static std::vector<compressor> system_compressors() {
    using bytes = std::span<const std::uint8_t>;
    // Nothing but memory can be missing; a library's error number says what else it found.
    [[maybe_unused]] const auto must = [](bool fine, const char* name, bytes in, bool memory, int error) {
        if (!fine)
            throw std::runtime_error(std::string("rationale::description_length: ") + name + " cannot compress " +
                                     std::to_string(in.size()) +
                                     " bytes: " + (memory ? "there is not enough memory" : "its error is " + std::to_string(error)));
    };
    std::vector<compressor> all;
#if __has_include(<lzma.h>)
    all.push_back({"xz", [must](bytes in) {
                       // The stream encoder: the one-call encoder writes a longer block header.
                       std::vector<std::uint8_t> out(lzma_stream_buffer_bound(in.size()));
                       lzma_stream stream = LZMA_STREAM_INIT;
                       auto status = lzma_easy_encoder(&stream, 9 | LZMA_PRESET_EXTREME, LZMA_CHECK_CRC64);
                       stream.next_in = in.data(), stream.avail_in = in.size();
                       stream.next_out = out.data(), stream.avail_out = out.size();
                       if (status == LZMA_OK) status = lzma_code(&stream, LZMA_FINISH);
                       const auto size = static_cast<std::size_t>(stream.total_out);
                       lzma_end(&stream);
                       must(status == LZMA_STREAM_END, "xz", in, status == LZMA_MEM_ERROR, static_cast<int>(status));
                       return size;
                   }});
#endif
#if __has_include(<bzlib.h>)
    all.push_back({"bzip2", [must](bytes in) {
                       std::vector<char> from(in.begin(), in.end()), out(in.size() + in.size() / 100 + 600);
                       from.reserve(1);  // bzip2 refuses a null pointer, even for no bytes
                       must(out.size() <= (std::numeric_limits<unsigned>::max)(), "bzip2", in, false, BZ_PARAM_ERROR);
                       auto size = static_cast<unsigned>(out.size());
                       const int status =
                           BZ2_bzBuffToBuffCompress(out.data(), &size, from.data(), static_cast<unsigned>(from.size()), 9, 0, 0);
                       must(status == BZ_OK, "bzip2", in, status == BZ_MEM_ERROR, status);
                       return static_cast<std::size_t>(size);
                   }});
#endif
#if __has_include(<brotli/encode.h>)
    all.push_back({"brotli", [must](bytes in) {
                       std::vector<std::uint8_t> out(BrotliEncoderMaxCompressedSize(in.size()) + 1024);
                       std::unique_ptr<BrotliEncoderState, void (*)(BrotliEncoderState*)> state(
                           BrotliEncoderCreateInstance(nullptr, nullptr, nullptr), BrotliEncoderDestroyInstance);
                       const std::uint8_t* next_in = in.data();
                       std::uint8_t* next_out = out.data();
                       std::size_t left_in = in.size(), left_out = out.size();
                       const auto step = [&](BrotliEncoderOperation operation) {
                           return BrotliEncoderCompressStream(state.get(), operation, &left_in, &next_in, &left_out, &next_out, nullptr) ==
                                  BROTLI_TRUE;
                       };
                       // It says no more than that it failed, and it is given all else that it needs.
                       must(state != nullptr && BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_QUALITY, 11) == BROTLI_TRUE &&
                                step(BROTLI_OPERATION_PROCESS) && step(BROTLI_OPERATION_FINISH) &&
                                BrotliEncoderIsFinished(state.get()) == BROTLI_TRUE,
                            "brotli", in, true, 0);
                       return out.size() - left_out;
                   }});
#endif
#if __has_include(<zstd.h>)
    all.push_back({"zstd", [must](bytes in) {
                       std::vector<std::uint8_t> out(ZSTD_compressBound(in.size()));
                       const std::size_t size = ZSTD_compress(out.data(), out.size(), in.data(), in.size(), 22);
                       constexpr int no_memory = 64;  // ZSTD_error_memory_allocation, of zstd_errors.h
                       const int error = ZSTD_isError(size) == 0 ? 0 : -static_cast<int>(static_cast<long long>(size));
                       must(error == 0, "zstd", in, error == no_memory, error);
                       return size;
                   }});
#endif
    return all;
}

}  // namespace rationale

#endif
