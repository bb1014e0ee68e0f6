// The compressors of the published description lengths, each where its library is installed.
#ifndef RATIONALE_COMPLEXITY_COMPRESSORS_HPP
#define RATIONALE_COMPLEXITY_COMPRESSORS_HPP

#include <cstddef>
#include <cstdint>
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
    [[maybe_unused]] const auto must = [](bool fine, const char* name) {
        if (!fine) throw std::runtime_error(std::string("rationale::description_length: ") + name + " failed");
    };
    std::vector<compressor> all;
#if __has_include(<lzma.h>)
    all.push_back({"xz", [must](bytes in) {
                       // The stream encoder: the one-call encoder writes a longer block header.
                       lzma_stream stream = LZMA_STREAM_INIT;
                       must(lzma_easy_encoder(&stream, 9 | LZMA_PRESET_EXTREME, LZMA_CHECK_CRC64) == LZMA_OK, "xz");
                       std::vector<std::uint8_t> out(lzma_stream_buffer_bound(in.size()));
                       stream.next_in = in.data(), stream.avail_in = in.size();
                       stream.next_out = out.data(), stream.avail_out = out.size();
                       const bool done = lzma_code(&stream, LZMA_FINISH) == LZMA_STREAM_END;
                       const auto size = static_cast<std::size_t>(stream.total_out);
                       lzma_end(&stream);
                       must(done, "xz");
                       return size;
                   }});
#endif
#if __has_include(<bzlib.h>)
    all.push_back({"bzip2", [must](bytes in) {
                       std::vector<char> from(in.begin(), in.end()), out(in.size() + in.size() / 100 + 600);
                       from.reserve(1);  // bzip2 refuses a null pointer, even for no bytes
                       auto size = static_cast<unsigned>(out.size());
                       must(BZ2_bzBuffToBuffCompress(out.data(), &size, from.data(), static_cast<unsigned>(from.size()), 9, 0, 0) == BZ_OK,
                            "bzip2");
                       return static_cast<std::size_t>(size);
                   }});
#endif
#if __has_include(<brotli/encode.h>)
    all.push_back({"brotli", [must](bytes in) {
                       std::unique_ptr<BrotliEncoderState, void (*)(BrotliEncoderState*)> state(
                           BrotliEncoderCreateInstance(nullptr, nullptr, nullptr), BrotliEncoderDestroyInstance);
                       must(state != nullptr && BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_QUALITY, 11) == BROTLI_TRUE, "brotli");
                       std::vector<std::uint8_t> out(BrotliEncoderMaxCompressedSize(in.size()) + 1024);
                       const std::uint8_t* next_in = in.data();
                       std::uint8_t* next_out = out.data();
                       std::size_t left_in = in.size(), left_out = out.size();
                       must(BrotliEncoderCompressStream(state.get(), BROTLI_OPERATION_PROCESS, &left_in, &next_in, &left_out, &next_out,
                                                        nullptr) == BROTLI_TRUE &&
                                BrotliEncoderCompressStream(state.get(), BROTLI_OPERATION_FINISH, &left_in, &next_in, &left_out, &next_out,
                                                            nullptr) == BROTLI_TRUE &&
                                BrotliEncoderIsFinished(state.get()) == BROTLI_TRUE,
                            "brotli");
                       return out.size() - left_out;
                   }});
#endif
#if __has_include(<zstd.h>)
    all.push_back({"zstd", [must](bytes in) {
                       std::vector<std::uint8_t> out(ZSTD_compressBound(in.size()));
                       const std::size_t size = ZSTD_compress(out.data(), out.size(), in.data(), in.size(), 22);
                       must(ZSTD_isError(size) == 0, "zstd");
                       return size;
                   }});
#endif
    return all;
}

}  // namespace rationale

#endif
