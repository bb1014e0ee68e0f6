"""Builds rationale._core from the library's headers, one file a group of families, as many at a time as there are processors and memory.

Environment:
    RATIONALE_MARCH     -march of the module, x86-64-v3 (AVX2, FMA) unless given where this machine has it; empty for every processor of the
                        architecture, as a wheel for others wants it
    RATIONALE_INCLUDE   where the headers are, if neither in ../../include nor where the compiler looks
    RATIONALE_ANALYZE   the program analyze, to be put into the package
    RATIONALE_JOBS      compilers side by side; without it one a processor, as far as memory goes
"""
import concurrent.futures
import os
import pathlib
import platform
import re
import shutil

import pybind11
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent
HEADERS = pathlib.Path(os.environ.get("RATIONALE_INCLUDE") or HERE.parents[1] / "include")
GIGABYTES_A_COMPILER = 1.3
COMPRESSORS = {"lzma": "lzma.h", "bz2": "bzlib.h", "brotlienc": "brotli/encode.h", "zstd": "zstd.h"}


def version():
    text = (HEADERS / "rationale/version.hpp").read_text()
    return ".".join(re.search(rf"#define RATIONALE_VERSION_{part} (\d+)", text)[1] for part in ("MAJOR", "MINOR", "PATCH"))


def usual_march():
    """What pip compiles here mostly runs here: half the time of SSE2. The module refuses a processor without it in a sentence."""
    try:
        flags = set(pathlib.Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n", 1)[0].split())
    except (OSError, IndexError):
        return ""
    return "x86-64-v3" if platform.machine() == "x86_64" and {"avx2", "fma", "bmi1", "bmi2", "movbe", "f16c", "abm"} <= flags else ""


def compilers_at_once():
    if jobs := os.environ.get("RATIONALE_JOBS"):
        return int(jobs)
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        kilobytes = int(re.search(r"MemAvailable:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1])
    except OSError:
        return 1
    return max(1, min(processors, int(kilobytes / 1e6 / GIGABYTES_A_COMPILER)))


class Build(build_ext):
    def build_extension(self, extension):
        # The compressors whose headers are here are used, as rationale/complexity/compressors.hpp finds them.
        extension.libraries = [name for name, header in COMPRESSORS.items() if self._includes(header)]
        self.build_temp += f"-{march or 'portable'}"
        compile_one, arguments = self.compiler._compile, []
        self.compiler._compile = lambda *given: arguments.append(given)
        self.compiler.compile(extension.sources, output_dir=self.build_temp, include_dirs=extension.include_dirs,
                              extra_postargs=extension.extra_compile_args)
        self.compiler._compile = compile_one
        shared = max(map(os.path.getmtime, [__file__, *extension.depends, *map(str, HEADERS.rglob("*.hpp"))]))
        stale = lambda made, source: not os.path.exists(made) or os.path.getmtime(made) < max(shared, os.path.getmtime(source))
        arguments = [given for given in arguments if stale(*given[:2])]
        with concurrent.futures.ThreadPoolExecutor(compilers_at_once()) as pool:
            list(pool.map(lambda given: compile_one(*given), arguments))
        objects = self.compiler.object_filenames(extension.sources, output_dir=self.build_temp)
        self.compiler.link_shared_object(objects, self.get_ext_fullpath(extension.name), libraries=extension.libraries,
                                         extra_postargs=extension.extra_link_args, target_lang="c++")

    def _includes(self, header):
        probe = pathlib.Path(self.build_temp) / "probe.cpp"
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.write_text(f"#include <cstddef>\n#include <{header}>\n")
        try:
            self.compiler.preprocess(str(probe), output_file=os.devnull)
        except Exception:
            return False
        return True


class Copy(build_py):
    """The recorder is examples/record.py, in one place alone."""

    def run(self):
        if getattr(self, "editable_mode", False):
            raise SystemExit("rationale: there is no editable install; the target rationale_python of the CMake build is for development")
        super().run()
        package = pathlib.Path(self.build_lib) / "rationale"
        shutil.copy(HERE.parents[1] / "examples/record.py", package / "record.py")
        if program := os.environ.get("RATIONALE_ANALYZE"):
            shutil.copy(program, package / "rationale-analyze")


march = os.environ.get("RATIONALE_MARCH", usual_march())
core = Extension(
    "rationale._core",
    sorted(str(path.relative_to(HERE)) for path in (HERE / "src").glob("*.cpp")),
    depends=[str(path) for path in (HERE / "src").glob("*.hpp")],
    include_dirs=[str(HEADERS), pybind11.get_include()],
    extra_compile_args=["-std=c++20", "-O2", "-g0", "-fvisibility=hidden", "-DNDEBUG", f'-DRATIONALE_MARCH="{march}"', *([f"-march={march}"] if march else [])],
    extra_link_args=["-s"],
    language="c++",
)
setup(version=version(), ext_modules=[core], cmdclass={"build_ext": Build, "build_py": Copy})
