"""Which strategy a recorded model uses, by the program analyze.

The analysis runs in a process of its own, the program `analyze` of the library, so that it can be interrupted and its memory is given back.
It is looked for in the environment's RATIONALE_ANALYZE, beside this file, and as rationale-analyze on the path.
"""
from __future__ import annotations

import codecs
import collections
import csv
import fcntl
import html
import io
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple, Union

import numpy as np

from ._arrays import to_numpy
from .predictors import Family
from .record import Recorder

__all__ = ["Recording", "Analysis", "Law", "Crossover", "Figure", "analyze", "program"]

Progress = Callable[[str, int, int], Any]
TABLES = ("results.json", "cells.csv", "explanations.csv")
FIGURE_FILES = re.compile(rb'href="(figures/[^"]+\.(?:csv|vl\.json))"')  # as the page links them
PREDICTIONS = re.compile(r"(?:log_)?predictions_(?:id|ood)")


def program() -> str:
    """The path of the program analyze. FileNotFoundError in a sentence where there is none."""
    beside = pathlib.Path(__file__).with_name("rationale-analyze")
    found = os.environ.get("RATIONALE_ANALYZE") or (str(beside) if beside.exists() else shutil.which("rationale-analyze"))
    if not found or not shutil.which(found):
        raise FileNotFoundError(
            f"the program analyze is {found or 'nowhere'}: build it (cmake --preset native && cmake --build build/native --target analyze) and name "
            "it in RATIONALE_ANALYZE, or install it as rationale-analyze")
    return found


class Recording:
    """What models predicted along their training, from arrays in memory. Run by run:

        recording = rationale.Recording(rationale.balls_and_urns(8), "my models")
        recording.add_run(tasks=tasks, tokens_id=seen, tokens_ood=fresh, steps=[10, 100], predictions_id=p, predictions_ood=q)

    with p, q (N, S, T, K): the axis of checkpoints, then those of the family's predictions. It is written to `folder`, or to a temporary one
    that is gone with the object. `training` and `model` are free text and numbers of the manifest, such as a learning rate's schedule."""

    def __init__(self, family: Family, name: str = "a recording", folder: Union[str, os.PathLike, None] = None,
                 model: Optional[dict] = None, training: Optional[dict] = None):
        self.family, self.name = family, name
        self._temporary = tempfile.TemporaryDirectory(prefix="rationale-") if folder is None else None
        self.folder = pathlib.Path(self._temporary.name if self._temporary else folder)  # type: ignore[arg-type]
        self._about = {"model": model, "training": training}
        self._added: Set[Tuple[int, int]] = set()

    def recorder(self, tasks: Any, seed: int = 0, run: Optional[dict] = None, **arrays: Any) -> Recorder:
        """A recorder for one training run, as a context manager, for checkpoints as they come. A run that an earlier session left in the folder
        is replaced; of this object's runs none may have the D and the seed of another."""
        named = dict(tasks) if isinstance(tasks, Mapping) else {"tasks": tasks}
        parameters = {key: value for key, value in self.family.parameters.items()}
        recorder = _RunRecorder(self.folder, self.name, self.family.name, parameters, seed=seed, run=run, **self._about, **named, **arrays)
        recorder.added = self._added
        recorder.check_new()
        return recorder

    def add_run(self, tasks: Any, steps: Sequence[int], seed: int = 0, train_loss: Optional[Sequence[float]] = None,
                strategies: Optional[Mapping[str, Mapping[str, Any]]] = None, **arrays: Any) -> "Recording":
        """A run from arrays: sequences, and predictions with an axis of checkpoints in front. `strategies` are your own, each a dictionary of
        `loss` (nats per position), `bits`, and `id`, `ood`: its predictions (S, ...), or a function that makes them from a split's arrays.
        Runs are told apart and replaced as those of `recorder`."""
        # PyTorch's as they are: of bfloat16 the recorder must know that it was.
        predictions = {key: value if hasattr(value, "detach") else to_numpy(value) for key, value in arrays.items() if PREDICTIONS.fullmatch(key)}
        rest = {key: value for key, value in arrays.items() if key not in predictions}
        for key, value in predictions.items():
            if len(value) != len(steps):
                raise ValueError(f"rationale.Recording: {key} has {len(value)} checkpoints, must have {len(steps)}, one a step")
        if train_loss is not None and len(train_loss) != len(steps):
            raise ValueError(f"rationale.Recording: train_loss has {len(train_loss)} checkpoints, must have {len(steps)}, one a step")
        own = {}
        for name, about in (strategies or {}).items():
            own[name] = {key: _finite(f"{key} of the strategy {name}", about.get(key)) for key in ("loss", "bits")}
            for split in ("id", "ood"):
                said = about.get(split, about.get("predict"))
                sequences = [rest[f"{array}_{split}"] for array, *_ in self.family.sequence_arrays if f"{array}_{split}" in rest]
                if said is not None and sequences:
                    rest[f"strategy_{name}_{split}"] = said(*sequences) if callable(said) else said
        with self.recorder(tasks, seed, {"strategies": own} if own else None, **rest) as recorder:
            for n, step in enumerate(steps):
                recorder.checkpoint(step, None if train_loss is None else float(train_loss[n]),
                                    **{key: value[n] for key, value in predictions.items()})
        return self


class _RunRecorder(Recorder):
    """Of a Recording, whose runs that are there already are `added`: D and seed."""

    added: Set[Tuple[int, int]]

    def check_new(self) -> Tuple[int, int]:
        D, seed = self.run["tasks"], self.run["seed"]
        if (D, seed) in self.added:
            raise ValueError(f"rationale.Recording: run D = {D}, seed {seed} is added twice, must have a seed of its own")
        return D, seed

    def close(self) -> None:
        run = self.check_new()  # another recorder may have been closed since this one began
        super().close()
        self.added.add(run)


def _finite(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise ValueError(f"rationale.Recording: {name} is {value}, must be a finite number")
    return number


class Figure(dict):
    """A Vega-Lite specification with its rows, which Jupyter draws. Where altair is installed it has a chart's methods as well, such as
    `.properties(title="mine")` and `.save("map.html")`, and `altair()` is the chart."""

    def altair(self) -> Any:
        """ValueError where the altair that is installed does not have what the figure uses: Vega-Lite 5 is that of altair 5."""
        import altair
        try:
            return altair.Chart.from_dict(self)
        except Exception as fault:
            raise ValueError(f"rationale.Figure: altair {altair.__version__} has no chart for this figure, which is of Vega-Lite 5, must be altair 5") from fault

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what Python and Jupyter ask every object for
            raise AttributeError(name)
        try:
            chart = self.altair()
        except ImportError:
            raise AttributeError(f"a figure is a dictionary without {name}, which it has where altair is installed") from None
        return getattr(chart, name)

    def __repr__(self) -> str:
        return f"<figure: {self.get('description', '')}>"

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> Dict[str, Any]:
        return {"application/vnd.vegalite.v5+json": dict(self), "text/plain": repr(self)}


class Crossover(NamedTuple):
    """When memorizing overtakes generalizing: after `steps`; never; from the start; reverse, it leads until `steps`."""

    outcome: str
    steps: Optional[float]


class Law:
    """The fitted law: log p(Q | N) = -exposure(N) L_Q - cost(K_Q) + const, L in nats per position, K in bits."""

    def __init__(self, recording: Mapping[str, Any], weighed: Sequence[str]):
        fit = recording["fit"]
        self.name: str = fit["law"]
        self.evidence: str = fit["evidence_law"]
        self.simplicity: str = fit["simplicity_law"]
        self.values: Dict[str, float] = {p["name"]: p["value"] for p in fit["parameters"]}
        self.strategies: List[str] = list(weighed)
        rows: Dict[int, list] = collections.defaultdict(list)
        for run in recording["runs"]:
            of = {s["name"]: (s["loss_nats"], s["complexity_bits"]) for s in run["strategies"]}
            rows[run["tasks"]].append([of[name] for name in self.strategies])
        self._tasks = np.array(sorted(rows), float)
        self._accounts = np.array([np.mean(rows[int(d)], 0) for d in self._tasks])  # (D, strategy, L and K), seeds averaged

    def account(self, tasks: float) -> Tuple[np.ndarray, np.ndarray]:
        """L (nats per position) and K (bits) of each strategy: the runs' with so many tasks, between them interpolated in log D."""
        if not self._tasks[0] <= tasks <= self._tasks[-1]:
            raise ValueError(f"rationale.Law: tasks is {tasks}, must be from {self._tasks[0]:g} to {self._tasks[-1]:g}, those of the recording")
        return tuple(np.array([np.interp(np.log(tasks), np.log(self._tasks), self._accounts[:, q, i]) for q in range(len(self.strategies))])
                     for i in (0, 1))  # type: ignore[return-value]

    def log_posterior(self, steps: Any, tasks: float) -> np.ndarray:
        """log p(Q | N), up to a constant: (..., strategy) nats for steps (...)."""
        loss, bits = self.account(tasks)
        return -self._exposure(np.asarray(steps, float))[..., None] * loss - self._cost(bits)

    def weights(self, steps: Any, tasks: float) -> np.ndarray:
        """Weight of each of `strategies` after so many steps: (..., strategy) for steps (...)."""
        nats = self.log_posterior(steps, tasks)
        nats = np.exp(nats - nats.max(-1, keepdims=True))
        return nats / nats.sum(-1, keepdims=True)

    def crossover(self, tasks: float) -> Crossover:
        """N*: when the first strategy, memorizing, overtakes the second."""
        loss, bits = self.account(tasks)
        fit, (a, b, *_) = loss[1] - loss[0], self._cost(bits)
        price = a - b
        if fit <= 0 and price >= 0:
            return Crossover("never", None)
        if fit >= 0 and price <= 0:
            return Crossover("from the start", None)
        gamma, power, saturation = self._evidence()
        with np.errstate(over="ignore", divide="ignore"):
            reached = (price / fit / np.float64(gamma)) ** (1 / np.float64(power))  # N/(1 + N/saturation)
            steps = float(reached / (1 - reached / saturation)) if reached < saturation else np.inf
        if steps == np.inf:
            return Crossover("never" if fit > 0 else "from the start", None)
        return Crossover("after" if fit > 0 else "reverse", steps)

    def _exposure(self, steps: np.ndarray) -> np.ndarray:
        gamma, power, saturation = self._evidence()
        return gamma * (steps / (1 + steps / saturation)) ** power

    def _evidence(self) -> Tuple[float, float, float]:
        """gamma, 1-alpha and the saturation of the exposure gamma (N/(1 + N/saturation))^(1-alpha)."""
        if self.evidence not in ("gamma N^(1-alpha)", "gamma N", "N^(1-alpha)", "gamma (N/(1 + N/saturation))^(1-alpha)"):
            raise ValueError(f"rationale.Law: the evidence law is {self.evidence}, must be a power of N, saturating or not")
        return self.values.get("gamma", 1.0), 1 - self.values.get("alpha", 0.0), self.values.get("saturation", np.inf)

    def _cost(self, bits: np.ndarray) -> np.ndarray:
        if self.simplicity not in ("ln 2 K^beta", "ln 2 K", "ln 2 c K", "0"):
            raise ValueError(f"rationale.Law: the simplicity law is {self.simplicity}, must be ln 2 K^beta, ln 2 K, ln 2 c K or 0")
        return np.log(2) * (0.0 if self.simplicity == "0" else self.values.get("c", 1.0)) * bits ** self.values.get("beta", 1.0)

    def __repr__(self) -> str:
        return f"<law {self.name}: {', '.join(f'{key} {value:.3g}' for key, value in self.values.items())}; {', '.join(self.strategies)}>"


class Analysis:
    """What analyze found. Every column and key: examples/dictionary.md.

    summary      what it says, in words
    results      all of it, a dictionary as results.json has it (of this recording)
    cells, explanations, parameters, scores, runs    tables: pandas frames, or without pandas dictionaries of arrays
    law          the fitted law: weights(steps, tasks), crossover(tasks)
    figures      names of figures; figure("map") is one
    """

    def __init__(self, folder: pathlib.Path, summary: str):
        # All is read now, and of the figures those that the page has: other analyses write into the same folder, before and after this one.
        page = (folder / "report/index.html").read_bytes()
        names = ["index.html", *sorted({name.decode() for name in FIGURE_FILES.findall(page)})]
        self._page: Dict[str, bytes] = {name: (folder / "report" / name).read_bytes() for name in names}
        self._tables: Dict[str, bytes] = {name: (folder / name).read_bytes() for name in TABLES}
        self.summary = summary
        self.results: Dict[str, Any] = json.loads(self._tables["results.json"])["recordings"][0]
        self.notes: List[str] = self.results["notes"]

    @property
    def cells(self) -> Any:
        return _table(*_read_csv(self._tables["cells.csv"]))

    @property
    def explanations(self) -> Any:
        return _table(*_read_csv(self._tables["explanations.csv"]))

    @property
    def parameters(self) -> Any:
        """A row a parameter of the law: value, 95 % interval, and whether the data determine it."""
        rows = [[p["name"], p["value"], *(p["interval_95"] or (None, None)), p["determined"], p["at_bound"]]
                for p in self.results["fit"]["parameters"]]
        return _table(["name", "value", "lower", "upper", "determined", "at_bound"], rows)

    @property
    def scores(self) -> Any:
        return _of_records(self.results["scores"])

    @property
    def runs(self) -> Any:
        return _of_records(self.results["runs"])

    @property
    def law(self) -> Law:
        head, rows = _read_csv(self._tables["cells.csv"])
        weighed = [name for name in self.results["strategies"]
                   if (column := "predicted_" + self._column(name)) in head and any(row[head.index(column)] for row in rows)]
        return Law(self.results, weighed)

    def _column(self, strategy: str) -> str:
        roles = {name: role for role, name in self.results["roles"].items()}
        return roles.get(strategy, strategy).replace(" ", "_")

    @property
    def figures(self) -> List[str]:
        return sorted(self._figures())

    def _figures(self) -> Dict[str, bytes]:
        files = {name: text for name, text in self._page.items() if name.endswith(".vl.json")}
        start = os.path.commonprefix(list(files)).rfind("-") + 1  # they begin with the name of the recording's folder
        return {name[start:-len(".vl.json")]: text for name, text in files.items()}

    def figure(self, name: str) -> Figure:
        """A figure as a Vega-Lite specification, by its name in `figures`. "map" is the map of memory and trust, or of strategies where the
        family has none."""
        all_of = self._figures()
        if name == "map":
            name = next((known for known in ("belief", "strategy-map") if known in all_of), name)
        if name not in all_of:
            raise ValueError(f"rationale.Analysis: there is no figure {name}, must be one of {', '.join(sorted(all_of))}")
        return Figure(json.loads(all_of[name]))

    def report(self, folder: Union[str, os.PathLike]) -> pathlib.Path:
        """Writes the page, index.html, its figures and the tables; the path of the page."""
        to = pathlib.Path(folder)
        (to / "figures").mkdir(parents=True, exist_ok=True)
        for name, text in {**self._page, **self._tables}.items():
            (to / name).write_bytes(text)
        return to / "index.html"

    def __str__(self) -> str:
        return self.summary

    def __repr__(self) -> str:
        runs = len(self.results["runs"])
        return f"<analysis of {self.results['name']}: {runs} run{'s' * (runs != 1)} of the family {self.results['family']}>"

    def _repr_html_(self) -> str:
        rows = "".join("<tr><td>{}</td><td>{:.4g}</td><td>{}</td></tr>".format(
            html.escape(p["name"]), p["value"], " to ".join(f"{x:.3g}" if isinstance(x, float) else str(x) for x in p["interval_95"] or ()))
            for p in self.results["fit"]["parameters"])
        return (f"<pre>{html.escape(self.summary)}</pre><table><tr><th>{html.escape(self.results['fit']['law'])}</th><th>value</th>"
                f"<th>95 %</th></tr>{rows}</table>")


def analyze(recording: Union[str, os.PathLike, Recording], progress: Optional[Progress] = None, output: Union[str, os.PathLike, None] = None,
            **options: Any) -> Analysis:
    """Analyses a recording, or a folder that has one. `options` are those of the program, with _ for -: threads=2, bootstrap=500,
    compare=True, no_memory=True, law="alpha=0". Files go to `output`, or to a temporary folder that is gone when they are read.

    On a terminal and in a notebook the program shows how far it is; `progress(stage, done, of)` is called in place of that. Ctrl-C stops it. What the program
    refuses is a ValueError with its sentence."""
    if output is None:
        with tempfile.TemporaryDirectory(prefix="rationale-") as temporary:
            return analyze(recording, progress, temporary, **options)
    folder = pathlib.Path(output)
    source = recording.folder if isinstance(recording, Recording) else pathlib.Path(recording)
    command = [program(), str(source), "--output", str(folder), "--report", str(folder / "report")]
    for key, value in options.items():
        if value is not None and value is not False:
            command.append(f"--{key.replace('_', '-')}" + ("" if value is True else f"={value}"))
    summary = _run(command, progress)
    lines = [line for line in summary.splitlines() if not re.match(r"(Report|Written): ", line)]
    return Analysis(folder, "\n".join(lines).strip())


def _run(command: List[str], progress: Optional[Progress]) -> str:
    """What the program prints. Where its progress is wanted its standard error is a terminal of our own, otherwise a pipe."""
    line = _ProgressLine()
    watch = _stages(progress) if progress else line.show if _is_terminal(sys.stderr) or "ipykernel" in sys.modules else None
    ours, theirs = _wide_terminal() if watch else (-1, -1)
    words: List[str] = []
    printed: List[str] = []
    # A terminal's Ctrl-C goes to both processes; in a notebook to this one alone. Of a rank of MPI it is no further rank.
    child = subprocess.Popen(command, env={**os.environ, "RATIONALE_ALONE": "1"}, stdout=subprocess.PIPE, stderr=theirs if watch else subprocess.PIPE, text=True)
    try:
        if watch:
            os.close(theirs)
            reader = threading.Thread(target=lambda: printed.append(child.communicate()[0]))
            reader.start()
            words.append(_read_progress(ours, watch))
            reader.join()
        else:
            output, errors = child.communicate()
            printed.append(output)
            words.append(errors)
    except BaseException:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise
    finally:
        if ours >= 0:
            os.close(ours)
        line.wipe()
    said = "".join(words).split("\n")
    if child.returncode != 0:
        sentence = " ".join(" ".join(said).split()) or f"analyze ended with the status {child.returncode}"
        raise ValueError(re.sub(r"^\S*analyze: ", "rationale.analyze: ", sentence))
    if watch == line.show and any(said):
        print(*(of.rstrip() for of in said), sep="\n", end="", file=sys.stderr, flush=True)
    return printed[0]


class _ProgressLine:
    """The program's progress on our own standard error."""

    shown = ""

    def show(self, line: str) -> None:
        if line == self.shown:
            return
        columns = os.get_terminal_size(sys.stderr.fileno()).columns if _is_terminal(sys.stderr) else 0
        print(f"\r\x1b[K{line[:columns - 1] if columns else line}", end="", file=sys.stderr, flush=True)
        self.shown = line

    def wipe(self) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _stages(progress: Progress) -> Callable[[str], None]:
    """Tells `progress` of lines that count, once where they count the same."""
    last = None

    def watch(line: str) -> None:
        nonlocal last
        counted = re.match(r"\[[#.]+\] (.*) (\d+)/(\d+)", line)  # the last such numbers: a recording's name may hold some
        if counted and (now := (counted[1], int(counted[2]), int(counted[3]))) != last:
            last = now
            progress(*now)

    return watch


def _wide_terminal() -> Tuple[int, int]:
    """Both ends of a terminal whose lines are long enough for the program's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 32767, 0, 0))
    return ours, theirs


# A line of the program's progress, or its wiping. Words may follow either at once.
SHOWN = re.compile(r"\r\x1b\[K(\[[#.]+\] [^\r\n]* \d+/\d+(?:, about \d+ (?:s|min) left)?|[^\r\n]*, for \d+ (?:s|min)(?=\r\x1b|\Z))?")


def _read_progress(terminal: int, watch: Callable[[str], Any]) -> str:
    """Until the program ends: tells each line of its progress, and returns its other words."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text, words = "", ""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            part = b""
        text += decoder.decode(part, final=not part)
        begin = text.rfind("\r\x1b") if part else len(text)  # what follows may not be whole yet
        if begin > 0:
            for shown in SHOWN.finditer(text[:begin]):
                if shown[1]:
                    watch(shown[1])
            words += SHOWN.sub("", text[:begin])
            text = text[begin:]
        if not part:
            return words


def _is_terminal(stream: Any) -> bool:
    try:
        return os.isatty(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return False


def _read_csv(text: bytes) -> Tuple[List[str], List[List[str]]]:
    head, *rows = csv.reader(io.StringIO(text.decode("utf-8"), newline=""))
    return head, rows


def _of_records(records: Sequence[Mapping[str, Any]]) -> Any:
    """The plain values of records; what is nested in them is in `results`."""
    keys = [key for key in dict.fromkeys(key for record in records for key in record)
            if not any(isinstance(record.get(key), (list, dict)) for record in records)]
    return _table(keys, [[record.get(key) for key in keys] for record in records])


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    """Columns as arrays: numbers where all are, an empty field being NaN, and otherwise what stands there."""
    columns = {name: _column([row[i] for row in rows]) for i, name in enumerate(head)}
    try:
        import pandas
    except ImportError:
        return columns
    return pandas.DataFrame(columns)


def _column(values: Sequence[Any]) -> np.ndarray:
    if all(isinstance(value, bool) for value in values):
        return np.array(values, bool)
    numbers = [np.nan if value in ("", None) else value for value in values]
    try:
        as_numbers = np.array([float(value) for value in numbers])
    except (TypeError, ValueError):
        return np.array(["" if value is None else value for value in values], object)
    whole = np.isfinite(as_numbers).all() and all(str(value).lstrip("-").isdigit() for value in values)
    return _whole_numbers([int(value) for value in values]) if whole else as_numbers


def _whole_numbers(values: List[int]) -> np.ndarray:
    """In the first type that holds them all: int64, uint64, or Python's own."""
    for kind in (np.int64, np.uint64):
        if all(np.iinfo(kind).min <= value <= np.iinfo(kind).max for value in values):
            return np.array(values, kind)
    return np.array(values, object)
