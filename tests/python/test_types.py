"""The package's types hold."""
import pathlib
import subprocess
import sys

import pytest

import rationale


def test_a_type_checker_finds_no_fault(tmp_path):
    pytest.importorskip("mypy")
    package, source = pathlib.Path(rationale.__file__).parent, pathlib.Path(__file__).parents[2] / "packaging/python"
    assert (package / "py.typed").exists()
    run = subprocess.run([sys.executable, "-m", "mypy", "--config-file", source / "pyproject.toml", "--cache-dir", tmp_path, package],
                         capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
