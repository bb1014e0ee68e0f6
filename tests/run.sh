#!/usr/bin/env bash
# Installs what is missing, builds everything with optimisation and with sanitizers, and runs all tests of both.
# The last line is "N passed, M failed"; the exit status is zero if something passed and nothing failed.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. packaging/cmake/setup.sh
install_missing "${core_packages[@]}" "${files_packages[@]}" "${compression_packages[@]}" doctest-dev python3-numpy
# The report's page is looked at in a browser where there is one.
page_packages=(chromium)
command -v npm >/dev/null || page_packages+=(nodejs npm)
install_missing "${page_packages[@]}"

jobs=$(build_jobs)
passed=0
failed=0
for preset in release asan; do
    say "$preset: build, $jobs at a time"
    built=yes
    mkdir -p "build/$preset"
    configure "$preset" || built=no
    # A target that does not build must not hide the others' tests.
    if [ -f "build/$preset/build.ninja" ]; then keep_going=(-k 0); else keep_going=(-k); fi
    cmake --build "build/$preset" --parallel "$jobs" -- "${keep_going[@]}" || built=no
    say "$preset: test"
    ctest --test-dir "build/$preset" --parallel "$jobs" --timeout 600 --output-on-failure 2>&1 | tee "build/$preset/tests.log"
    summary=$(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "build/$preset/tests.log")
    read -r bad all <<<"${summary:-0 0}"
    if [ "$all" -eq 0 ] || { [ "$built" = no ] && [ "$bad" -eq 0 ]; }; then
        say "$preset: the build failed or has no tests, which counts as one failure"
        bad=$((bad + 1)) all=$((all + 1))
    fi
    passed=$((passed + all - bad)) failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
