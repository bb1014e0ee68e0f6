"""Writes the tables of results into examples/results.md and README.md, between `<!-- results: NAME -->` and `<!-- end of results -->`.

    results.py                 from examples/results.json
    results.py --from FOLDER   from an analysis: first makes examples/results.json of FOLDER/results.json and FOLDER/cells.csv
    results.py --check         writes nothing, and fails where a document has other tables

examples/results.json has of an analysis what the tables need, to four digits. The shipped one is of

    analyze examples/data/* --compare --bootstrap 1000 --forecast --output FOLDER"""
import argparse
import csv
import datetime
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
COMPACT, DOCUMENTS = HERE / "results.json", (HERE / "results.md", HERE.parent / "README.md")
NONE = "-"
MEANS = ("fitted", "held_out", "fitted_ood", "held_out_ood")


# What is kept of an analysis.


def rounded(x):
    """Numbers to four digits, at any depth."""
    if isinstance(x, float):
        return float(f"{x:.4g}")
    if isinstance(x, list):
        return [rounded(y) for y in x]
    return {k: rounded(v) for k, v in x.items()} if isinstance(x, dict) else x


def some(x, *keys):
    return {k: x[k] for k in keys if k in x}


def rows_of(table):
    kept = ("key", "explanation", "kind", *MEANS, "held_out_difference_95", "held_out_ood_difference_95", "identifiable", "reference")
    return [{**some(row, *kept), "values": {v["name"]: v["value"] for v in row["values"]}} for row in table]


def number(field):
    return float(field) if field else None


def below(cells, one, other):
    """Of each split: cells where both divergences are, and those where the first is the smaller."""
    out = {}
    for split in ("id", "ood"):
        pairs = [(number(c[one]), number(c[other])) for c in cells if c["split"] == split]
        pairs = [(x, y) for x, y in pairs if x is not None and y is not None]
        out[split] = [sum(x < y for x, y in pairs), len(pairs)]
    return out


def weights_over_training(cells, strategies):
    """Weights of more than three strategies, ID: of the best mixture and of the law, for the least, the middle and the most tasks."""
    tasks = sorted({int(c["tasks"]) for c in cells})
    out = []
    for d in dict.fromkeys((tasks[0], tasks[len(tasks) // 2 - (len(tasks) % 2 == 0)], tasks[-1])):
        chosen = sorted((c for c in cells if int(c["tasks"]) == d and c["split"] == "id"), key=lambda c: int(c["step"]))
        chosen = chosen[:1] + chosen[1::2] if len(chosen) > 8 else chosen
        names = [s.replace(" ", "_") for s in strategies]
        out.append({"tasks": d, "steps": [int(c["step"]) for c in chosen],
                    "best": [[number(c["weight_" + n]) for c in chosen] for n in names],
                    "law": [[number(c["predicted_" + n]) for c in chosen] for n in names]})
    return out


def options_of(command):
    """What a command says of the analysis; where it reads and writes is left out."""
    out, places = [], ("--output", "-o", "--report", "--vega", "--threads")
    for before, word in zip(command, command[1:]):
        if (word.startswith("--") and word not in (*places, "--quiet", "--json", "--colour-blind")) or (before.startswith("--") and before not in places and not word.startswith("-") and re.fullmatch(r"[\w.,=-]+", word)):
            out.append(word)
    return out


def compact(folder):
    whole = json.loads((folder / "results.json").read_text())
    with open(folder / "cells.csv", newline="") as lines:
        all_cells = list(csv.DictReader(lines))
    out = {"made": datetime.date.fromtimestamp((folder / "results.json").stat().st_mtime).isoformat(), "rationale": whole["rationale"],
           "options": options_of(whole["command"]), "recordings": []}
    for r in whole["recordings"]:
        cells = [c for c in all_cells if c["recording"] == r["name"]]
        short = {"folder": pathlib.PurePath(r["folder"]).name, **some(r, "name", "family", "strategies", "divergence", "threshold_step", "backtest")}
        short["fit"] = {**some(r["fit"], "evidence_law", "simplicity_law", "cells", "runs", "objective"),
                        "parameters": [some(p, "name", "value", "interval_95", "determined") for p in r["fit"]["parameters"]]}
        short["scores"] = [some(s, "cells", "split", "count", "law_divergence", "best_pair_divergence", "correlation", "agreement") for s in r["scores"]]
        short["runs"] = [some(run, "tasks", "seed", "memorizing_overtakes") for run in r["runs"]]
        short["neither"] = [r["cells_neither"], len(cells)]
        if "explanations" in r:
            short["explanations"] = rows_of(r["explanations"])
        if "forecast" in r:
            short["forecast"] = some(r["forecast"], "exponent_of_crossover_in_tasks", "exponent_95")
        if "memory" in r:
            memory = r["memory"]
            short["memory"] = {"explanations": rows_of(memory["explanations"]), **some(memory, "backtest"),
                               "parameters": [some(p, "name", "value", "interval_95", "determined") for p in memory["parameters"]]}
        if "square" in r:
            square = r["square"]
            short["square"] = {**some(square, "better", "law_of_map", "backtest"), "after_threshold": rows_of(square["after_threshold"]),
                               "whole_training": rows_of(square["whole_training"]),
                               "below": below(cells, "square_divergence", "square_with_constant_divergence")}
            if any(c["square_with_order_divergence"] for c in cells):
                short["square"]["below_with_order"] = below(cells, "square_with_order_divergence", "square_with_constant_divergence")
        if len(r["strategies"]) > 3:
            short["weights"] = weights_over_training(cells, r["strategies"])
        out["recordings"].append(short)
    return rounded(out)


# Tables.


def digits(x, scale=1.0):
    if x is None:
        return NONE
    return x if isinstance(x, str) else f"{x * scale:.3g}"


def between(x, scale=1.0, form=".3g"):
    """An interval; nothing where there is none."""
    if not x:
        return ""
    # What is 0 but for rounding is 0.
    return "({}, {})".format(*(y if isinstance(y, str) else f"{y * scale if abs(y * scale) > 1e-6 or form == '.3g' else 0.0:{form}}" for y in x))


def scale(recording):
    """What divergences are multiplied with: they are in 1e-3 nats, or squared errors."""
    return 1.0 if recording["divergence"] == "squared error" else 1e3


def lines(head, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [head, ["---"] * len(head), *rows])


def by_recording(recordings, rows_of_one, cell, first="explanation"):
    """A column for each recording; a row for each key that any of them has, in the order of their first appearance."""
    columns = [(r, rows_of_one(r)) for r in recordings]
    words = {}
    for _, rows in columns:
        for key, row in rows.items():
            words.setdefault(key, row["label"])
    return lines([first, *(r["folder"] for r, _ in columns)],
                 [[label, *(cell(rows[key], scale(r)) if key in rows else NONE for r, rows in columns)] for key, label in words.items()])


def labelled(row, label=None):
    return {**row, "label": (label or row["explanation"]) + (" (ceiling)" if row["kind"] == "ceiling" else "")}


def means(row, factor, keys=MEANS):
    return " ".join(digits(row[key], factor) for key in keys)


def sure(row):
    return "" if row["identifiable"] else " n. i."


def recordings(all_):
    rows = []
    for r in all_:
        tasks = sorted({run["tasks"] for run in r["runs"]})
        rows.append([r["folder"], r["family"], ", ".join(map(str, tasks)), len(r["runs"]), r["fit"]["cells"], r["threshold_step"] or "none",
                     "squared error" if r["divergence"] == "squared error" else "KL, 1e-3 nats", "{} of {}".format(*r["neither"])])
    return lines(["recording", "family", "D", "runs", "cells fitted", "from step", "divergence", "cells that are neither"], rows)


def laws(all_):
    """The published law's parameters, and how N* grows."""
    rows = []
    for r in all_:
        known = {p["name"]: p for p in r["fit"]["parameters"]}
        row = [r["folder"]]
        for name in ("alpha", "gamma", "beta"):
            p = known[name]
            row.append(f"{digits(p['value'])} {between(p['interval_95'])}" + ("" if p["determined"] else " n. d."))
        slope = r.get("forecast", {})
        row.append(f"{digits(slope.get('exponent_of_crossover_in_tasks'))} {between(slope.get('exponent_95'))}".strip())
        rows.append(row)
    return lines(["recording", "alpha", "gamma", "beta", "N* ~ D to the power of"], rows)


def agreement(all_):
    def score(r, cells, split):
        return next((s for s in r["scores"] if s["cells"] == cells and s["split"] == split), None)

    rows = []
    for label, key in (("correlation", "correlation"), ("divergence of the law", "law_divergence"), ("divergence of the best weight of M and G", "best_pair_divergence"),
                       ("total variation, or R squared of means", "agreement")):
        for cells in ("fitted", "held out in N", "held out in D"):
            row = [f"{label}, {cells}"]
            for r in all_:
                both = []
                for split in ("id", "ood"):
                    s = score(r, cells, split)
                    value = None if s is None else s[key]
                    if key == "agreement" and s:
                        value = value.get("r_squared", value.get("total_variation"))
                    both.append(digits(value, scale(r) if "divergence" in key else 1.0))
                row.append(" / ".join(both))
            if any(cell != f"{NONE} / {NONE}" for cell in row[1:]):
                rows.append(row)
    return lines(["ID / OOD", *(r["folder"] for r in all_)], rows)


def explanations(all_):
    """Mean divergence on held-out cells ID, with the 95 % interval of the difference to the law of the analysis."""

    def rows(r):
        out = {}
        own = next(row["key"] for row in r["explanations"] if row["reference"]).partition("/")[2]
        for row in r["explanations"]:
            law, _, of = row["key"].partition("/")
            if of and of != own:
                out[law + "/other"] = labelled(row, f"{law}, other strategies")
            else:
                words = row["explanation"].replace(" {" + own + "}", "").replace(" {M,G}", "")
                out[law] = labelled(row, re.sub("^always .*", "the best single strategy", words))
        return out

    def cell(row, factor):
        difference = between(row["held_out_difference_95"], factor, "+.2g")
        return f"{digits(row['held_out'], factor)} {difference}".strip() + sure(row)

    return by_recording([r for r in all_ if "explanations" in r], rows, cell)


def backtests(all_):
    """Fitted to the first half of training and asked for the second, ID."""
    rows = []
    for r in (r for r in all_ if "backtest" in r):
        f, b, memory, square = scale(r), r["backtest"], r.get("memory", {}).get("backtest", {}), r.get("square", {}).get("backtest", {})
        rows.append([r["folder"], digits(b["law_divergence"], f), digits(b["carried_weights_divergence"], f), digits(b["free_weights_divergence"], f),
                     digits(memory.get("reference_divergence"), f), digits(memory.get("per_task_divergence"), f), digits(square.get("published_divergence"), f),
                     digits(square.get("square_by_visits_divergence"), f)])
    return lines(["recording", "law", "last weights held", "best weights", "law, cells of memory", "per-task law of memory", "law, cells of the square", "law of visits"], rows)


SQUARE = ("published", "square_by_visits", "square_by_visits_trust_by_tasks", "square_by_visits_trust_grows", "square_by_visits_trust_to_bayes",
          "square_per_task", "square_per_task_trust_grows",
          "square_by_own_visits", "free_weights", "free_weights_with_constant", "best_point", "best_point_and_order")


def square_of(all_, name, keys=SQUARE):
    def rows(r):
        known = {row["key"]: row for row in r["square"][name]}
        return {key: labelled(known[key]) for key in keys if key in known}

    def cell(row, factor):
        both = (between(row[key], factor, "+.2g") for key in ("held_out_difference_95", "held_out_ood_difference_95"))
        return " ".join([means(row, factor), *(d for d in both if d)]) + sure(row)

    return by_recording([r for r in all_ if "square" in r], rows, cell)


def square(all_):
    return square_of(all_, "after_threshold")


def square_whole(all_):
    return square_of(all_, "whole_training")


def square_values(all_):
    """The parameters of the laws of visits, and in how many cells one point is ahead of three weights."""
    rows = []
    for r in (r for r in all_ if "square" in r):
        known = {row["key"]: row["values"] for row in r["square"]["after_threshold"] + [r_ for r_ in r["square"]["whole_training"] if r_["key"] == "square_by_visits_trust_grows"]}
        visits, grows = known["square_by_visits"], known["square_by_visits_trust_grows"]
        row = [r["folder"], *(digits(visits[n]) for n in "cbe"), *(digits(grows[n]) for n in ("c", "b", "e", "N0"))]
        for key in ("below", "below_with_order"):
            counts = r["square"].get(key)
            row.append(", ".join(f"{counts[s][0]} of {counts[s][1]} {s.upper()}" for s in ("id", "ood")) if counts else NONE)
        rows.append(row)
    return lines(["recording", "c", "b", "e", "all of training: c", "b", "e", "N0", "best point below the best weights of M, G and C", "with the order, too"], rows)


def memories(all_):
    def rows(r):
        # M and G, copying in G's place where it generalizes, and all five for chains.
        label = lambda row: re.sub(r"(?<=over )(M and G|all \d strategies)$|(?<=weight of )(M and G|all \d strategies)(?= in every)", "the law's strategies", row["explanation"])
        return {row["key"]: labelled(row, label(row)) for row in r["memory"]["explanations"]}

    return by_recording([r for r in all_ if "memory" in r], rows, lambda row, factor: means(row, factor))


def memory_laws(all_):
    rows = []
    for r in (r for r in all_ if "memory" in r):
        known = {p["name"]: p for p in r["memory"]["parameters"]}
        by_key = {row["key"]: row["values"] for row in r["memory"]["explanations"]}
        power = by_key.get("precision_by_visits", {})
        rows.append([r["folder"], *(f"{digits(known[n]['value'])} {between(known[n]['interval_95'])}".strip() + ("" if known[n]["determined"] else " n. d.") for n in ("alpha", "gamma", "c")),
                     f"{digits(power['scale'])} (N/D)^{digits(power['exponent'])}" if power else NONE,
                     digits(by_key.get("per_task_one_exponent", {}).get("exponent"))])
    return lines(["recording", "alpha", "gamma", "c", "precision by visits", "one exponent for the recording"], rows)


def chains(all_):
    out = []
    for r in (r for r in all_ if "weights" in r):
        for part in r["weights"]:
            rows = [[name, *(f"{b:.2f}, {w:.2f}" for b, w in zip(best, law))] for name, best, law in zip(r["strategies"], part["best"], part["law"])]
            out.append(lines([f"D = {part['tasks']}, step", *part["steps"]], rows))
    return "\n\n".join(out)


def overtaking(all_):
    rows = []
    for r in all_:
        rows.append([r["folder"], "; ".join(f"D = {run['tasks']}: {run['memorizing_overtakes']}" for run in r["runs"])])
    return lines(["recording", "memorizing overtakes generalizing, by the law"], rows)


def found(all_):
    """README's table: one belief against mixtures, on cells that nothing was fitted to but the ceilings."""
    rows = []
    for r in (r for r in all_ if "square" in r):
        known = {row["key"]: row for row in r["square"]["after_threshold"]}
        both = lambda key: " / ".join(digits(known[key][k], scale(r)) for k in ("fitted", "fitted_ood"))
        law = known["square_by_visits"]["values"]
        rows.append([r["folder"], both("published"), both("free_weights"), both("square_by_visits"), both("best_point"), digits(law["b"]), digits(law["e"])])
    return lines(["ID / OOD", "published law, M and G", "best M:G weight in every cell", "law of visits", "best point in every cell", "b", "e"], rows)


def made(data):
    return (f"`analyze examples/data/* {' '.join(data['options'])}`, {data['made']}, Rationale {data['rationale']}.")


TABLES = {f.__name__: f for f in (recordings, laws, agreement, explanations, backtests, overtaking, square, square_whole, square_values, memories, memory_laws, chains, found)}


def written(text, data):
    """A document with the tables of the data."""
    def block(m):
        return m[1] + (made(data) if m[2] == "made" else TABLES[m[2]](data["recordings"])) + "\n" + m[3]

    return re.sub(r"(<!-- results: (\w+) -->\n).*?(<!-- end of results -->)", block, text, flags=re.DOTALL)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--from", dest="folder", type=pathlib.Path, metavar="FOLDER", help="folder of an analysis")
    options.add_argument("--check", action="store_true", help="compare and write nothing")
    chosen = options.parse_args()
    if chosen.folder:
        COMPACT.write_text(json.dumps(compact(chosen.folder), ensure_ascii=False).replace("}, {", "},\n{") + "\n")
    data = json.loads(COMPACT.read_text())
    others = []
    for document in DOCUMENTS:
        text = document.read_text()
        new = written(text, data)
        if chosen.check and new != text:
            others.append(f"{document.name} has other tables than examples/results.json: python3 examples/results.py")
        elif not chosen.check:
            document.write_text(new)
    if others:
        sys.exit("\n".join(others))


if __name__ == "__main__":
    main()
