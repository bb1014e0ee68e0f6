"""Writes the tables of results into a document: replaces what stands between `<!-- results: NAME -->` and `<!-- end of results -->`. Of

    results.py results.json README.md

the first is that of

    analyze examples/data/* --compare --bootstrap 1000 --forecast

NAME is `explanations` (mean divergence on held-out cells ID, with the 95 % interval of the difference to the published law), `memories` or `square`
(mean divergences ID fitted, ID held out, OOD fitted, OOD held out). Of the square the first rows are of the cells after the threshold, with the
intervals of the held-out differences to the published law of M and G, ID and OOD, and the others of all of training."""
import argparse
import json
import pathlib
import re
import sys

NONE = "-"


def three_digits(x, scale=1.0):
    if x is None:
        return NONE
    return x if isinstance(x, str) else f"{x * scale:.3g}"


def heading(recording):
    """The recording's name, and the power of ten that its numbers are multiplied with."""
    means = recording["divergence"] == "squared error"
    return f"{recording['name']}, {'squared error' if means else 'KL in 1e-3 nats'}", 1.0 if means else 1e3


def table(recordings, rows_of, cell):
    """A column for each recording; a row for each name that `rows_of` gives for any of them, in the order of their first appearance."""
    columns = [(heading(r), rows_of(r)) for r in recordings]
    names = list(dict.fromkeys(name for _, rows in columns for name in rows))
    lines = ["| explanation | " + " | ".join(title for (title, _), _ in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name in names:
        cells = [cell(rows[name], scale) if name in rows else NONE for (_, scale), rows in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def explanations(recordings):
    def cell(row, scale):
        out = three_digits(row["held_out"], scale)
        if row["held_out_difference_95"]:
            out += " ({}, {})".format(*(f"{x * scale:+.2g}" for x in row["held_out_difference_95"]))
        return out + ("" if row["identifiable"] else " n. i.")

    with_comparison = [r for r in recordings if r.get("explanations") and r["family"] != "markov_chain"]
    return table(with_comparison, lambda r: {row["explanation"]: row for row in r["explanations"]}, cell)


def memories(recordings):
    def rows(recording):
        # Copying stands in G's place where it generalizes; there no precision is G, so that it is weighed beside them all.
        name = lambda a: re.sub("(precisions|bits|K\\^beta) and copying", r"\1", a["explanation"]).replace("copying", "G")
        return {name(a) + (" (ceiling)" if a["kind"] == "ceiling" else ""): a for a in recording["memory"]["explanations"]}

    def cell(account, scale):
        return " ".join(three_digits(account[key], scale) for key in ("fitted", "held_out", "fitted_ood", "held_out_ood"))

    return table([r for r in recordings if r.get("memory") and r["family"] != "markov_chain"], rows, cell)


SQUARE = (
    "published", "square_by_visits", "square_by_visits_trust_by_tasks", "square_by_visits_trust_grows", "square_per_task",
    "square_per_task_trust_grows", "square_by_own_visits", "free_weights", "free_weights_with_constant", "best_point", "best_point_and_order",
)


def square(recordings):
    def means(row, scale):
        return " ".join(three_digits(row[key], scale) for key in ("fitted", "held_out", "fitted_ood", "held_out_ood"))

    def cell(row, scale):
        between = [row.get("held_out_difference_95"), row.get("held_out_ood_difference_95")]
        differences = ["({}, {})".format(*(f"{x * scale:+.2g}" for x in b)) for b in between if b and b[0] is not None]
        return means(row, scale) + "".join(" " + d for d in differences) + ("" if row["identifiable"] else " n. i.")

    def rows(recording):
        out = {}
        for name, of in (("after_threshold", ""), ("whole_training", "all of training: ")):
            by_key = {row["key"]: row for row in recording["square"][name]}
            for key in SQUARE:
                if key in by_key:
                    row = by_key[key]
                    out[of + row["explanation"] + (" (ceiling)" if row["kind"] == "ceiling" else "")] = row
        return out

    return table([r for r in recordings if r.get("square")], rows, cell)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("results", type=pathlib.Path, help="results.json of an analysis with --compare")
    options.add_argument("document", type=pathlib.Path, help="the document whose tables are written")
    chosen = options.parse_args()
    document = chosen.document
    recordings = json.loads(chosen.results.read_text())["recordings"]
    tables = {"explanations": explanations, "memories": memories, "square": square}
    block = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- end of results -->)", re.DOTALL)
    text, count = block.subn(lambda m: m[1] + tables[m[2]](recordings) + "\n" + m[3], document.read_text())
    if count == 0:
        sys.exit(f"{document}: there is no <!-- results: NAME -->")
    document.write_text(text)


if __name__ == "__main__":
    main()
