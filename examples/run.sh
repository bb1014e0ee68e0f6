#!/usr/bin/env bash
# Installs what is missing, builds the program analyze for this machine, and analyzes the given recordings, or every one in examples/data.
# Usage: examples/run.sh [RECORDING]... [--output DIR]
# RECORDING is a folder with a manifest.json; DIR is for the results, build/analysis unless given. The first build takes minutes.
set -eu
output=""
folders=()
while [ $# -gt 0 ]; do
    case "$1" in
        --output) output=${2:?--output needs a directory}; shift 2 ;;
        --output=*) output=${1#*=}; shift ;;
        -h | --help) sed -n '2,/^set -eu/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        -*) echo "examples/run.sh: unknown argument $1 (see --help)" >&2; exit 2 ;;
        *)
            [ -f "$1/manifest.json" ] || { echo "examples/run.sh: $1 is no recording: there is no $1/manifest.json" >&2; exit 2; }
            folders+=("$(realpath -- "$1")"); shift ;;
    esac
done
[ -z "$output" ] || output=$(realpath -m -- "$output")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/cmake/setup.sh
install_missing "${core_packages[@]}" "${files_packages[@]}" "${compression_packages[@]}"

# What draws the figures is put into the page, and fetched while the program is built; without npm the page links a public copy.
fetching=""
if command -v npm >/dev/null; then
    mkdir -p build/report
    cp examples/report/*.js* build/report/
    (cd build/report && npm ci --no-audit --no-fund --silent >/dev/null 2>&1) &
    fetching=$!
fi
say "Building analyze"
configure native -D RATIONALE_BUILD_TESTS=OFF >/dev/null
cmake --build build/native --target analyze --parallel "$(build_jobs)"

output=${output:-$PWD/build/analysis}
if [ ${#folders[@]} -eq 0 ]; then
    for manifest in examples/data/*/manifest.json; do folders+=("${manifest%/manifest.json}"); done
fi
vega=()
if [ -n "$fetching" ]; then
    if wait "$fetching"; then
        cat build/report/node_modules/{vega/build/vega,vega-lite/build/vega-lite,vega-embed/build/vega-embed}.min.js >build/report/bundle.js
        vega=(--vega build/report/bundle.js)
    else
        say "npm could not fetch Vega-Lite: the page links a public copy"
    fi
fi
say "Analyzing ${folders[*]}"
build/native/examples/analyze "${folders[@]}" --output "$output" --report "$output/report" "${vega[@]}"
if [ ${#vega[@]} -gt 0 ]; then node build/report/draw.js "$output/report/figures" --pdf; fi
say "Results: $output, the report: $output/report/index.html"
