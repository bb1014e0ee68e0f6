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
#if __has_include(<CLI/CLI.hpp>)
#include <CLI/CLI.hpp>
#endif
#if __has_include(<openssl/evp.h>)
#include <openssl/evp.h>
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

// windows.h, old compilers
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define small char
#define near
#define far
#define interface struct
#define IN
#define OUT
#define OPTIONAL
#define ERROR 0
#define DELETE (0x00010000L)
#define CONST const
#define VOID void
#define TRUE 1
#define FALSE 0
#define pascal
#define hyper char
// complex.h
#define I (__extension__ 1.0iF)
#define complex _Complex
#define imaginary _Imaginary
// Qt
#define emit
#define slots
#define signals public
#define foreach(variable, container) for (variable : container)
#define forever for (;;)
// Xlib
#define Bool int
#define Status int
#define None 0L
#define True 1
#define False 0
#define Always 2
#define Success 0
#define Above 0
#define Below 1
#define Convex 2
#define Complex 0
// AssertMacros.h, R, sys/param.h, sys/sysmacros.h, math.h, termios.h and others
#define check(condition) ((void)0)
#define verify(condition) ((void)0)
#define require(condition, label) ((void)0)
#define length(x) Rf_length(x)
#define error(...) Rf_error(__VA_ARGS__)
#define warning(...) Rf_warning(__VA_ARGS__)
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#define roundup(x, y) ((((x) + ((y)-1)) / (y)) * (y))
#define howmany(x, y) (((x) + ((y)-1)) / (y))
#define major(device) ((device) >> 8)
#define minor(device) ((device)&0xff)
#define DOMAIN 1
#define OVERFLOW 3
#define UNDERFLOW 4
#define PI 3.14159265358979
#define B0 0
#define ECHO 8
#define linux 1
#define unix 1
#define nil 0
#define YES 1
#define NO 0

#include "every_header.hpp"
