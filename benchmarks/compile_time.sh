#!/usr/bin/env bash
# What a program pays for including the library, in seconds of a processor and peak memory of g++ -O2: the forward declarations, the two
# libraries below, rationale.hpp alone, beside their limits, and the first example, which also instantiates and optimises; then the ten
# template instantiations on which clang 19 spends most. Exits with 1 where a limit is passed.
# Usage: benchmarks/compile_time.sh [PROGRAM.cpp]...; CXX and CXXFLAGS as usual
set -eu
case "${1:-}" in -h | --help) sed -n '2,/^set -eu/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
programs=()
for program in "$@"; do programs+=("$(realpath -- "$program")"); done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/cmake/setup.sh
install_missing "${core_packages[@]}" python3
[ ${#programs[@]} -gt 0 ] || programs=("$PWD/examples/01_first_prediction.cpp")
exec python3 - "${programs[@]}" <<'END'
import collections, json, os, resource, shutil, subprocess, sys, tempfile

compiler = os.environ.get("CXX", "g++").split()
flags = os.environ.get("CXXFLAGS", "-O2").split()
folder = tempfile.TemporaryDirectory()


def written(name, *headers):
    path = os.path.join(folder.name, name + ".cpp")
    with open(path, "w") as f:
        f.write("".join(f"#include <{h}>\n" for h in headers) + "int main() {}\n")
    return path


def measure(path):
    """Least seconds of three runs, and the peak in MB, both as the kernel counts them for the compiler's processes."""
    best, peak = float("inf"), 0
    for _ in range(3):
        report, write = os.pipe()
        child = os.fork()
        if child == 0:  # a process of its own, so that its children's peak is this run's
            code = subprocess.call([*compiler, "-std=c++20", *flags, "-Iinclude", "-c", path, "-o", "/dev/null"])
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            os.write(write, f"{code} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}".encode())
            os._exit(0)
        os.waitpid(child, 0)
        code, seconds, megabytes = os.read(report, 200).decode().split()
        os.close(report), os.close(write)
        if code != "0":
            sys.exit(f"{path} does not compile")
        best, peak = min(best, float(seconds)), max(peak, float(megabytes))
    return best, peak


rows = [("nothing", written("nothing"), None, None),
        ("rationale/fwd.hpp", written("fwd", "rationale/fwd.hpp"), 0.3, None),
        ("xtensor and xsimd", written("below", "rationale/array.hpp", "xsimd/xsimd.hpp"), None, None),
        ("rationale/rationale.hpp", written("umbrella", "rationale/rationale.hpp"), 5, 700)]
rows += [(os.path.relpath(p), p, None, None) for p in sys.argv[1:]]
passed = True
version = subprocess.run([*compiler, "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
print(f"{' '.join(compiler)} {version} {' '.join(flags)}, least of three\n\n| | seconds | limit | peak, MB | limit |\n|---|---|---|---|---|")
for name, path, most_seconds, most_megabytes in rows:
    seconds, megabytes = measure(path)
    passed = passed and seconds <= (most_seconds or seconds) and megabytes <= (most_megabytes or megabytes)
    print(f"| {name} | {seconds:.2f} | {most_seconds or ''} | {megabytes:.0f} | {most_megabytes or ''} |", flush=True)

if shutil.which("clang++-19"):
    total, count = collections.Counter(), collections.Counter()
    for path in sys.argv[1:]:
        out = os.path.join(folder.name, "trace.o")
        subprocess.check_call(["clang++-19", "-std=c++20", *flags, "-Iinclude", "-ftime-trace", "-ftime-trace-granularity=100", "-c", path, "-o", out])
        with open(os.path.join(folder.name, "trace.json")) as f:
            for event in json.load(f)["traceEvents"]:
                if event["name"] in ("InstantiateFunction", "InstantiateClass"):
                    total[event["args"]["detail"]] += event["dur"]
                    count[event["args"]["detail"]] += 1
    print("\nSlowest instantiations, clang 19, with what they instantiate in turn\n\n| ms | times | template |\n|---|---|---|")
    for name, microseconds in total.most_common(10):
        print(f"| {microseconds / 1000:.0f} | {count[name]} | `{name.replace('rationale::', '')[:200]}` |")
else:
    print("\nWithout clang++-19 (Debian: clang-19) the slowest instantiations are not listed")
sys.exit(0 if passed else 1)
END
