// Every header of the library after macros that some systems define. Standard and third-party headers come before them.
#include <bits/stdc++.h>

#include <doctest/doctest.h>
#include <xsimd/xsimd.hpp>
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif
#if __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>
#endif
#if __has_include(<zip.h>)
#include <zip.h>
#endif
#if __has_include(<lzma.h>)
#include <lzma.h>
#endif
#if __has_include(<zstd.h>)
#include <zstd.h>
#endif
#if __has_include(<brotli/encode.h>)
#include <brotli/encode.h>
#endif
#if __has_include(<bzlib.h>)
#include <bzlib.h>
#endif

#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define small char
#define near
#define far

#include "every_header.hpp"
