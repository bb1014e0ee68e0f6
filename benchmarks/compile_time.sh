#!/usr/bin/env bash
# Seconds and peak memory to compile a program that includes only rationale/rationale.hpp.
# Usage: benchmarks/compile_time.sh [PROGRAM.cpp]; CXX and CXXFLAGS as usual (g++ -O2).
set -eu
program=${1:+$(realpath -- "$1")}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=${program:-$PWD/examples/01_first_prediction.cpp}
command=(${CXX:-g++} -std=c++20 ${CXXFLAGS:--O2} -Iinclude -c "$program" -o /dev/null)
echo "${command[*]}"
for _ in 1 2 3; do
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -f '%U s user, %e s elapsed, %M kB peak' "${command[@]}"
    else
        TIMEFORMAT='%U s user, %R s elapsed'
        time "${command[@]}"
    fi
done
