"""The same numbers as in C++, bit for bit."""
import pathlib
import shutil
import subprocess

import numpy as np
import pytest

import rationale
from rationale import _core

SOURCE = pathlib.Path(__file__).parents[2]


@pytest.mark.skipif(not shutil.which("g++"), reason="needs g++")
def test_predictions_are_those_of_cpp_bit_for_bit(tmp_path):
    march = [f"-march={_core.march}"] if _core.march else []
    subprocess.run(["g++", "-std=c++20", "-O2", *march, f"-I{SOURCE}/include", SOURCE / "tests/python/same_bits.cpp", "-o", tmp_path / "bits"],
                   check=True)
    bits, at = np.frombuffer(subprocess.run([tmp_path / "bits"], capture_output=True, check=True).stdout), 0
    for family in (rationale.balls_and_urns(5, concentration=0.7), rationale.linear_regression(3), rationale.classification(3)):
        tasks = family.sample_tasks(40, seed=7)
        sample = family.sample_sequences(24, 11, tasks=tasks, seed=8)
        for strategy in (rationale.memorizing(family, tasks), rationale.generalizing(family)):
            for threads in 1, 2:
                here, values = at, strategy.predict_with_evidence(sample, threads=threads)
                for mine in values:
                    theirs = bits[here:here + mine.size]
                    assert mine.tobytes() == theirs.tobytes(), (family.name, strategy.name)
                    here += mine.size
            at = here
    assert at == bits.size
