"""What the peers share: one thread, inputs read from the folder of a case, and the timing of several forms."""
import argparse
import json
import pathlib
import time

import numpy
import torch


def read(case, name, dtype):
    return torch.from_numpy(numpy.load(case / f"{name}.npy")).to(dtype)


def run(cases):
    """cases: {name: function of the case's folder that returns (number of units, {form: function that predicts})}.

    Prints {"torch": version, "us": {name: {form: microseconds a unit}}}; with --write every form leaves its predictions in the folder."""
    arguments = argparse.ArgumentParser(description="Times PyTorch peers on the inputs that the benchmark programs wrote.")
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--write", action="store_true", help="write the predictions of each form to \"peer FORM.npy\"")
    arguments.add_argument("--repeats", type=int, default=2, help="calls of each form that are timed")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    times = {}
    with torch.inference_mode():
        for name, prepare in cases.items():
            case = given.folder / name
            units, forms = prepare(case)
            times[name] = {}
            for form, predict in forms.items():
                predictions = predict()  # warms up
                times[name][form] = min(seconds(predict) for _ in range(given.repeats)) / units * 1e6
                if given.write:
                    numpy.save(case / f"peer {form}.npy", predictions.numpy())
    print(json.dumps({"torch": torch.__version__, "us": times}, indent=1))


def seconds(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start
