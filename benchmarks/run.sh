#!/usr/bin/env bash
# Installs what is missing, builds the benchmarks for this machine, and compares them with PyTorch on the same inputs, one thread each, in
# turn: ours, the peer's, ours again; of all rounds the best time counts. Prints one table of ratios beside the wanted ones and writes it to
# build/benchmarks/table.{md,json}. Then analyzes a recording of the published size (4.4 GB, removed afterwards).
# Usage: benchmarks/run.sh [--quick] [--rounds N] [--published-size | --no-published-size]
#   --quick   one round and no recording of the published size
set -eu
rounds=3
published=yes
while [ $# -gt 0 ]; do
    case "$1" in
        --quick) rounds=1 published=no; shift ;;
        --rounds) rounds=${2:?--rounds needs a number}; shift 2 ;;
        --published-size) published=yes; shift ;;
        --no-published-size) published=no; shift ;;
        -h | --help) sed -n 's/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed -n '2,$p'; exit 0 ;;
        *) echo "benchmarks/run.sh: unknown argument $1 (see --help)" >&2; exit 2 ;;
    esac
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/cmake/setup.sh
install_missing "${core_packages[@]}" "${files_packages[@]}" "${compression_packages[@]}" libbenchmark-dev python3
install_missing python3-torch libopenblas0-pthread

torch_python=$(python_with torch) || say "No Python here has torch: the peers are left out"

say "Building"
configure native -D RATIONALE_BUILD_TESTS=OFF >/dev/null
cmake --build build/native --target benchmarks --parallel "$(build_jobs)"
programs=build/native/benchmarks
if [ ! -x $programs/urns ]; then
    echo "benchmarks/run.sh: Google Benchmark was not found, nothing can be measured" >&2
    exit 1
fi

out=build/benchmarks
rm -rf "$out"
mkdir -p "$out/inputs" "$out/rounds"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
for round in $(seq "$rounds"); do
    for program in peak urns remembered markov regression classification loss scaling threads limits; do
        say "Round $round of $rounds: $program"
        # In the first round inputs and predictions are written, for the peers and for comparison.
        write=()
        peer_write=()
        if [ "$round" = 1 ]; then write=("--write=$out/inputs") peer_write=(--write); fi
        "$programs/$program" --benchmark_min_time=0.03 --benchmark_repetitions=3 --benchmark_enable_random_interleaving=true \
            --benchmark_out="$out/rounds/$program-$round.json" --benchmark_out_format=json "${write[@]}" >"$out/log" 2>&1 ||
            { cat "$out/log"; exit 1; }
        if [ -n "$torch_python" ] && [ -f "benchmarks/peers/$program.py" ]; then
            say "Round $round of $rounds: $program in PyTorch"
            "$torch_python" "benchmarks/peers/$program.py" "$out/inputs" "${peer_write[@]}" >"$out/rounds/$program-peer-$round.json"
        fi
    done
done
say "Working memory of a large prediction"
"$programs/memory" >"$out/memory.json"
if [ "$published" = yes ]; then
    say "A recording of the published size"
    cmake --build build/native --target analyze --parallel "$(build_jobs)"
    python3 benchmarks/published.py --build build/native --folder "$out" || say "It could not be generated or analyzed: its rows are left out"
fi
echo
"${torch_python:-python3}" benchmarks/table.py "$out"
rm -rf "$out/inputs" "$out/log"
say "Results: $PWD/$out/table.md and table.json"
