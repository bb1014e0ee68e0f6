# What our own programs are compiled with: `warnings`, a list. Nothing of it is on the interface.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    set(warnings -Weverything
        -Wno-c++98-compat -Wno-c++98-compat-pedantic -Wno-pre-c++14-compat -Wno-pre-c++17-compat -Wno-pre-c++17-compat-pedantic
        -Wno-pre-c++20-compat -Wno-pre-c++20-compat-pedantic -Wno-c++98-compat-local-type-template-args  # C++20 is what we write
        -Wno-padded                         # how a struct is laid out is no fault
        -Wno-unsafe-buffer-usage            # wants spans for every pointer, also where a span is made of one
        -Wno-float-equal                    # exact zeros, bounds and infinities are meant
        -Wno-double-promotion               # is exact
        -Wno-comma                          # pairs of short assignments, and folds of them
        -Wno-ctad-maybe-unsupported         # std's own class templates have no guides either
        -Wno-extra-semi-stmt                # after CLI11's macro
        -Wno-disabled-macro-expansion       # of the C library's macros that are their own names
        -Wno-missing-prototypes             # a program of one file needs none
        -Wno-switch-default                 # contradicts -Wcovered-switch-default: all enumerators are named instead
        -Wno-weak-vtables                   # a header-only library has no one place for the vtables of its exceptions
        -Wno-format-nonliteral              # two helpers pass their callers' format on to snprintf
        -Wno-unneeded-internal-declaration -Wno-unneeded-member-function  # tests have members that only a concept asks for
        -Wno-global-constructors -Wno-exit-time-destructors)              # tests have tables; see rationale_headers for the library
else()
    # GCC 12 says maybe-uninitialized of its own AVX-512 headers, and of anything under sanitizers.
    set(warnings -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wno-maybe-uninitialized)
endif()
