#!/usr/bin/env python3
"""Which lines of include/ were run by the programs of a build with --coverage: a table by folder, and for each file the lines that were not.

Usage: tests/coverage.py BUILD [LEAST]
Exits with 1 if less than LEAST (95) per cent were. A line counts once, however many instantiations have it; what is never instantiated has none.
"""
import collections
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

build = pathlib.Path(sys.argv[1]).resolve()
least = float(sys.argv[2]) if len(sys.argv) > 2 else 95.0
include = pathlib.Path(__file__).resolve().parent.parent / "include" / "rationale"

ran = collections.defaultdict(dict)  # file -> line -> whether it was run
for notes in sorted(build.rglob("*.gcda")):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcov", "--json-format", str(notes)], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for report in pathlib.Path(folder).glob("*.gz"):
            with gzip.open(report) as f:
                data = json.load(f)
            for file in data["files"]:
                path = (pathlib.Path(data["current_working_directory"]) / file["file"]).resolve()
                if include in path.parents:
                    lines = ran[str(path.relative_to(include))]
                    for line in file["lines"]:
                        lines[line["line_number"]] = lines.get(line["line_number"], False) or line["count"] > 0


def ranges(numbers):
    """1, 2, 3, 7 as 1-3 7"""
    out = []
    for n in numbers:
        if out and n == out[-1][1] + 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return " ".join(f"{a}-{b}" if b > a else str(a) for a, b in out)


def share(files):
    counts = [covered for file in files for covered in ran[file].values()]
    return 100 * sum(counts) / len(counts) if counts else 0.0, len(counts)


print("not run:")
for file in sorted(ran):
    missing = sorted(line for line, covered in ran[file].items() if not covered)
    if missing:
        print(f"  {file}: {ranges(missing)}")
print("\n| folder | lines | run, % |\n|---|---|---|")
for folder in sorted({str(pathlib.Path(file).parent) for file in ran}):
    percent, lines = share([file for file in ran if str(pathlib.Path(file).parent) == folder])
    print(f"| {folder} | {lines} | {percent:.1f} |")
percent, lines = share(ran)
print(f"| all | {lines} | {percent:.1f} |")
sys.exit(0 if percent >= least else 1)
