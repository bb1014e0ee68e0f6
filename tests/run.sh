#!/usr/bin/env bash
# Installs what is missing, builds everything, and runs all tests of every build.
# The last line is "N passed, M failed"; the exit status is zero if something passed and nothing failed.
# Usage: tests/run.sh [--all] [--only PART|FOLDER]...
#   release    g++, optimised, on x86-64 with SSE2; unless --all with -O2, without the benchmarks, and no header compiled alone
#   asan       g++ with sanitizers, on x86-64 with AVX2 and FMA where the processor has them; without analyze, figure and the examples, unless
#              --all
# --all makes all repetitions of tests at random (tests/support/effort.hpp) and adds what follows; --only runs nothing but the named parts,
# after --all as it has them. It takes a folder of tests/ too, such as kernel: of part release, what this folder needs is built, and its tests
# are run, but after --all without those that take long, which it names. Where nothing is left to build most take seconds, compile_fail and
# analyze a minute or two. The first build takes seconds for random, a minute or two for kernel, prior and strategy, and five to ten for
# analyze, figure and consumer, which need the program analyze. Parts:
#   clang      clang 19 with nearly all of its warnings, which are errors (packaging/cmake/warnings.cmake)
#   avx512     g++ with AVX-512, where the processor has it; without analyze, the examples and what does not depend on instructions
#   scalar     g++ without any SIMD, likewise
#   aarch64    the kernels' tests, cross-compiled, in an emulator
#   coverage   which lines of include/ the tests run: at least 95 % must be
#   format     clang-format leaves every file as it is
#   tidy       clang-tidy finds nothing in the headers and the examples
#   doxygen    every public name has its documentation
#   pytorch    the manual's path from a training loop in PyTorch to the map, command by command; installs PyTorch, 250 MB
# and by --only alone, as it takes an hour or two:
#   mutants    of some 80 one-line mistakes of a competent programmer in the headers the tests notice all
set -u
parts=(release asan)
only=()
sanitized=(-D RATIONALE_BUILD_BENCHMARKS=OFF -D RATIONALE_BUILD_EXAMPLES=OFF)
released=(-D RATIONALE_BUILD_BENCHMARKS=OFF "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG")  # a fifth less to compile
shortened=(--label-exclude alone)
while [ $# -gt 0 ]; do
    case "$1" in
        --all) parts=(release asan clang avx512 scalar aarch64 coverage format tidy doxygen pytorch) sanitized[3]=RATIONALE_BUILD_EXAMPLES=ON released=() shortened=()
            export RATIONALE_TEST_LONG=1; shift ;;
        --only) only+=("${2:?--only needs the name of a part or folder}"); shift 2 ;;
        -h | --help) sed -n '2,/^set -u/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) echo "tests/run.sh: unknown argument $1 (see --help)" >&2; exit 2 ;;
    esac
done
[ ${#only[@]} -eq 0 ] || parts=("${only[@]}")

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
known=$(sed -nE 's/^part_([a-z0-9]+)\(\).*/\1/p' tests/run.sh | xargs)
folders=$(find tests -mindepth 1 -maxdepth 1 -type d ! -name data ! -name support ! -name '__*' -printf '%f\n' | sort | xargs)
for part in "${parts[@]}"; do
    [[ " $known $folders " == *" $part "* ]] ||
        { echo "tests/run.sh: there is no part or folder $part; parts are $known, folders $folders" >&2; exit 2; }
done
. packaging/cmake/setup.sh
install_missing "${core_packages[@]}" "${files_packages[@]}" "${compression_packages[@]}" "${mpi_packages[@]}" "${python_packages[@]}" doctest-dev git pkg-config locales
# The report's page is looked at in a browser where there is one.
page_packages=(chromium)
command -v npm >/dev/null || page_packages+=(nodejs npm)
install_missing "${page_packages[@]}"

jobs=$(build_jobs)
passed=0
failed=0
table=()
failures=()
gcc="g++ $(g++ -dumpfullversion)"
# The warnings of a compiler that we have not seen yet are no errors.
strict=()
[ "$(g++ -dumpversion)" != 12 ] || strict=(-D CMAKE_COMPILE_WARNING_AS_ERROR=ON)
baseline=""
[ "$(uname -m)" != x86_64 ] || baseline=SSE2

# For builds that differ in instructions alone.
instructions_only=(-D RATIONALE_BUILD_EXAMPLES=OFF -D RATIONALE_BUILD_BENCHMARKS=OFF)
no_compiling=(--label-exclude 'hygiene|compile_fail|consumer')

# has FLAG: whether the processor has an instruction set, by its name in /proc/cpuinfo
has() { grep -qsw "$1" /proc/cpuinfo; }

# count PASSED ALL, and in the support table, where a description is given: count PASSED ALL COMPILER INSTRUCTIONS LOG
count() {
    passed=$((passed + $1)) failed=$((failed + $2 - $1))
    [ $# -eq 2 ] || table+=("| $3 | ${4:-$(uname -m)} | $1 of $2 | $(grep -c 'warning:' "$5") |")
}

# check NAME COMMAND...: one more test, passed if the command succeeds
check() {
    say "$1"
    if "${@:2}"; then count 1 1; else count 0 1; failures+=("$1"); fi
}

# failed_tests BUILD: the names of its failed tests, each followed by the last 30 lines of what it printed
failed_tests() {
    local name
    sed -nE 's/^[0-9]+://p' "$1/Testing/Temporary/LastTestsFailed.log" 2>/dev/null | while IFS= read -r name; do
        echo "$1: $name"
        NAME=$name awk '/^[0-9]+\/[0-9]+ Testing: / { of = substr($0, index($0, ": ") + 2) == ENVIRON["NAME"] }
            of && /^<end of output>/ { of = 0 } of' "$1/Testing/Temporary/LastTest.log" | tail -n 30 | sed 's/^/    /'
    done
}

# build_and_test PRESET COMPILER INSTRUCTIONS [CTEST-OPTION]...: of everything, or of the `targets` of its caller
build_and_test() {
    local preset=$1 built=yes keep_going bad all summary
    say "$preset: build, $jobs at a time"
    mkdir -p "build/$preset"
    configure "$preset" "${strict[@]}" || built=no
    # A target that does not build must not hide the others' tests.
    if [ -f "build/$preset/build.ninja" ]; then keep_going=(-k 0); else keep_going=(-k); fi
    set -o pipefail
    cmake --build "build/$preset" --parallel "$jobs" ${targets:+--target "${targets[@]}"} -- "${keep_going[@]}" 2>&1 | tee "build/$preset/build.log" || built=no
    set +o pipefail
    say "$preset: test"
    ctest --test-dir "build/$preset" --parallel "$jobs" --timeout 1800 --output-on-failure "${@:4}" 2>&1 | tee "build/$preset/tests.log"
    summary=$(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "build/$preset/tests.log")
    read -r bad all <<<"${summary:-0 0}"
    if [ "$all" -eq 0 ] || { [ "$built" = no ] && [ "$bad" -eq 0 ]; }; then
        say "$preset: the build failed or has no tests, which counts as one failure"
        bad=$((bad + 1)) all=$((all + 1))
        failures+=("$preset: the build")
    fi
    [ "$bad" -eq 0 ] || failures+=("$(failed_tests "build/$preset")")
    count $((all - bad)) "$all" "$2" "$3" "build/$preset/build.log"
}

part_release() {
    local strict=("${strict[@]}" "${released[@]}" -D RATIONALE_BUILD_PYTHON=ON)
    build_and_test release "$gcc" "$baseline" "${shortened[@]}"
}

# A folder of tests in the build of part release.
run_folder() {
    local strict=("${strict[@]}" "${released[@]}" -D RATIONALE_BUILD_PYTHON=ON) targets=(rationale_test_main)
    if compgen -G "tests/$1/*_test.cpp" >/dev/null; then targets+=("test_$1"); fi
    case "$1" in
        figure | consumer) targets+=(analyze) ;;
        python) targets+=(analyze rationale_python) ;;  # that of analyze asks for it
        packages) targets+=(test_one_header) ;;
    esac
    local long=("${shortened[@]}")
    [ ${#long[@]} -eq 0 ] || long[1]='^(alone|long)$'
    build_and_test release "$gcc, tests/$1" "$baseline" --label-regex "^$1\$" "${long[@]}"
    [ ${#long[@]} -eq 0 ] || ctest --test-dir build/release -N --label-regex "^$1\$" --label-regex '^long$' |
        sed -n 's/^ *Test *#[0-9]*: /Left out without --all: /p'
}

part_asan() {
    local strict=("${sanitized[@]}")  # no errors: sanitizers make g++ see what is not there
    if has avx2 && has fma; then build_and_test asan-avx2 "$gcc with sanitizers" "AVX2, FMA"
    else
        say "This processor has no AVX2: the sanitizers run without"
        build_and_test asan "$gcc with sanitizers" "$baseline"
    fi
}

part_clang() {
    install_missing clang-19
    local strict=()  # the preset has it
    build_and_test clang "clang $(clang++-19 -dumpversion)" "$baseline"
}

# Other instructions change what the kernels compute with. What a compiler decides is the same, and so are the examples and analyze.
part_avx512() {
    local strict=("${strict[@]}" "${instructions_only[@]}")
    if has avx512vl; then build_and_test avx512 "$gcc" AVX-512 "${no_compiling[@]}"
    else say "This processor has no AVX-512: not tested"; fi
}

part_scalar() {
    local strict=("${strict[@]}" "${instructions_only[@]}")
    if [ "$baseline" = SSE2 ]; then build_and_test scalar "$gcc" none "${no_compiling[@]}"
    else say "How to keep xsimd from this processor's SIMD is not known: not tested"; fi
}

# The libraries that have only headers are linked to a folder of their own, apart from those of this machine's C library.
part_aarch64() {
    install_missing g++-aarch64-linux-gnu qemu-user-static
    local out=build/aarch64 library source objects=() summary good all
    local compiler=(aarch64-linux-gnu-g++ -std=c++20 -O2 -Wno-psabi -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast)
    mkdir -p $out/include
    for library in xtl xtensor xsimd doctest; do ln -sfn /usr/include/$library $out/include/$library; done
    say "aarch64: build"
    rm -f $out/*.o $out/test_kernel $out/build.log
    for source in tests/main.cpp tests/kernel/*_test.cpp; do
        objects+=("$out/$(basename "$source" .cpp).o")
        "${compiler[@]}" -Iinclude -Itests -isystem $out/include -c "$source" -o "${objects[-1]}" 2>&1 | tee -a $out/build.log
    done
    say "aarch64: test"
    { "${compiler[@]}" -static "${objects[@]}" -o $out/test_kernel && qemu-aarch64-static $out/test_kernel; } 2>&1 | tee $out/tests.log
    summary=$(sed -nE 's/^\[doctest\] test cases: *([0-9]+) \| *([0-9]+) passed .*/\2 \1/p' $out/tests.log)
    read -r good all <<<"${summary:-0 1}"
    count "$good" "$all" "g++ $(aarch64-linux-gnu-g++ -dumpfullversion), the kernels, emulated" "aarch64, NEON" $out/build.log
}

# What a compiler decides runs no line of the library.
part_coverage() {
    local strict=(-D RATIONALE_BUILD_BENCHMARKS=OFF)  # no errors: at -O1 g++ warns of loops that it does not understand
    find build/coverage -name '*.gcda' -delete 2>/dev/null
    build_and_test coverage "$gcc, coverage" "$baseline" "${no_compiling[@]}"
    check "coverage: at least 95 % of the lines of include/" python3 tests/coverage.py build/coverage
}

part_format() {
    install_missing clang-format-14
    local files
    mapfile -t files < <(find include tests examples benchmarks packaging -name '*.hpp' -o -name '*.cpp')
    check "format: clang-format leaves ${#files[@]} files as they are" clang-format-14 --dry-run --Werror "${files[@]}"
}

# Headers are seen through one program that includes them all, and through the examples, which instantiate them.
part_tidy() {
    install_missing clang-tidy-19
    local out=build/tidy programs mpi
    read -ra mpi <<<"$(mpicxx --showme:incdirs | sed 's/[^ ][^ ]*/-isystem &/g')"
    mkdir -p $out
    (cd include && find rationale -name '*.hpp' -printf '#include "%p"\n' | sort) >$out/every_header.cpp
    mapfile -t programs < <(find examples -name '*.cpp' | sort)
    check "tidy: clang-tidy finds nothing in the headers and the examples" \
        clang-tidy-19 --quiet --warnings-as-errors='*' $out/every_header.cpp "${programs[@]}" -- -std=c++20 -Iinclude -DOMPI_SKIP_MPICXX "${mpi[@]}"
}

part_doxygen() {
    install_missing doxygen
    mkdir -p build
    check "doxygen: every public name has its documentation" doxygen packaging/doxygen/Doxyfile
}

part_pytorch() { check "pytorch: from a training loop to the map, as the manual says" bash tests/pytorch.sh; }

# A mistake that is noticed is a test passed.
part_mutants() {
    say "mutants: mistakes in the headers, $jobs at a time"
    mkdir -p build/mutants
    python3 tests/mutants.py --jobs "$jobs" 2>&1 | tee build/mutants/log
    local summary killed survived repairs
    summary=$(sed -nE 's/^([0-9]+) of [0-9]+ killed, ([0-9]+) survived, [0-9]+ explained, ([0-9]+) to repair$/\1 \2 \3/p' build/mutants/log)
    read -r killed survived repairs <<<"${summary:-0 0 1}"
    count "$killed" $((killed + survived + repairs))
}

for part in "${parts[@]}"; do
    if declare -F "part_$part" >/dev/null; then "part_$part"; else run_folder "$part"; fi
done

# What failed is said once more at the end, where it is seen.
if [ ${#failures[@]} -gt 0 ]; then printf '\nFailed:\n'; printf '%s\n' "${failures[@]}"; fi
if [ ${#table[@]} -gt 0 ]; then
    printf '\n| compiler | instruction set | tests passed | warnings |\n|---|---|---|---|\n'
    printf '%s\n' "${table[@]}" ""
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
