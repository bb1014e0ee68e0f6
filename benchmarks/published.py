"""Generates a recording of the published size (4.4 GB, removed afterwards), analyzes it with two threads, and writes what that took and which
law was found to FOLDER/published.json. Further options go to generate_recording."""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/native"), help="where the programs were built [%(default)s]")
parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("build/benchmarks"), help="made if missing [%(default)s]")
given, options = parser.parse_known_args()
build, folder = given.build, given.folder
for program in ("benchmarks/generate_recording", "examples/analyze"):
    if not (build / program).is_file():
        sys.exit(f"published.py: {build / program} is missing, `bash benchmarks/run.sh` builds it, and runs this")
folder.mkdir(parents=True, exist_ok=True)
recording, results = folder / "published", folder / "published-results"
threads = 2


def run(*command):
    """Seconds that the command took, and its own peak memory in MB: the children's peak is that of the largest, so it is started by a child of
    its own."""
    measured = ("import json, resource, subprocess, sys, time; start = time.perf_counter(); subprocess.run(sys.argv[1:], check=True); "
                "print(json.dumps([time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024e-6]))")
    return json.loads(subprocess.run([sys.executable, "-c", measured, *map(str, command)], check=True, stdout=subprocess.PIPE).stdout)


try:
    seconds, megabytes = run(build / "benchmarks/generate_recording", "--output", recording, *options)
    gigabytes = sum(path.stat().st_size for path in recording.iterdir()) / 1e9
    print(f"Generated {gigabytes:.1f} GB in {seconds:.0f} s with {megabytes:.0f} MB of memory", flush=True)
    true = json.loads((recording / "manifest.json").read_text())["model"]
    seconds, megabytes = run(build / "examples/analyze", recording, "--output", results, "--threads", threads, "--quiet")
finally:
    shutil.rmtree(recording, ignore_errors=True)

fit = json.loads((results / "results.json").read_text())["recordings"][0]["fit"]
fitted = {p["name"]: p["value"] for p in fit["parameters"]}
print(f"Analyzed in {seconds:.0f} s with {threads} threads and {megabytes:.0f} MB of memory")
for name in true:
    print(f"{name:6} fitted {fitted[name]:.4f}  true {true[name]:g}")
(folder / "published.json").write_text(json.dumps({"seconds": seconds, "threads": threads, "memory_MB": megabytes, "gigabytes": gigabytes,
                                                   "fitted": fitted, "true": true}, indent=1))
