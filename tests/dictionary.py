"""Everything that analyze writes is in the dictionary: examples/results.schema.json describes results.json, key by key, and the columns of
cells.csv and explanations.csv (under $defs, by the files' names); examples/dictionary.md has its descriptions as tables. Checks that

* the files in RESULTS have what the schema describes and nothing else, and every column that it describes;
* every key of the schema stands in a header, so that none is described that no program writes;
* the tables of the document are those of the schema.

With --analyze the files are first made by that program, of one shipped recording with all that adds keys. --write writes the tables."""
import argparse
import csv
import json
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
document = root / "examples" / "dictionary.md"
schema = json.loads((root / "examples" / "results.schema.json").read_text())


def resolved(part):
    """A part of the schema with what its reference stands for; what is said beside the reference counts."""
    while "$ref" in part:
        at = schema
        for name in part["$ref"].removeprefix("#/").split("/"):
            at = at[name]
        part = {**at, **{k: v for k, v in part.items() if k != "$ref"}}
    return part


KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_a(kind, value):
    if kind in ("number", "integer"):
        return isinstance(value, int if kind == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, KINDS[kind])


def member(part, key):
    """The part of the schema for a key of an object; none where it has none."""
    if key in part.get("properties", {}):
        return part["properties"][key]
    return next((p for pattern, p in part.get("patternProperties", {}).items() if re.search(pattern, key)), None)


def faults(value, part, where):
    """What of a value does not fit a part of the schema, in sentences. Of JSON Schema this is what results.schema.json uses."""
    part = resolved(part)
    if "anyOf" in part:
        tried = [list(faults(value, one, where)) for one in part["anyOf"]]
        if all(tried):
            yield from tried[-1]
        return
    if "const" in part and value != part["const"]:
        yield f"{where} is {value!r}, the dictionary says {part['const']!r}"
    if "enum" in part and value not in part["enum"]:
        yield f"{where} is {value!r}, which is not in the dictionary"
    kinds = part.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_a(kind, value) for kind in kinds):
        yield f"{where} is {type(value).__name__}, the dictionary says {' or '.join(kinds)}"
        return
    if isinstance(value, dict):
        for key in part.get("required", []):
            if key not in value:
                yield f"{where} has no {key}, which is in the dictionary"
        for key, one in value.items():
            described = member(part, key)
            if described is None:
                yield f"{where}.{key} is not in the dictionary"
            else:
                yield from faults(one, described, f"{where}.{key}")
    if isinstance(value, list):
        if not part.get("minItems", 0) <= len(value) <= part.get("maxItems", len(value)):
            yield f"{where} has {len(value)} entries"
        for i, one in enumerate(value):
            yield from faults(one, part.get("items", {}), f"{where}[{i}]")


def column_faults(file, header):
    """Columns that are not described, and those that are described and not there."""
    part = schema["$defs"][file]
    for name in header:
        if member(part, name) is None:
            yield f"{file}: the column {name} is not in the dictionary"
    for name in part["properties"]:
        if name not in header:
            yield f"{file}: there is no column {name}, which is in the dictionary"
    for pattern in part.get("patternProperties", {}):
        if not any(re.search(pattern, name) and name not in part["properties"] for name in header):
            yield f"{file}: there is no column {pattern}, which is in the dictionary"


def described_keys(part):
    """All keys that the schema names, of objects at any depth; without those of patterns."""
    for key, one in part.get("properties", {}).items():
        yield key
        yield from described_keys(one)
    yield from described_keys(part["items"]) if "items" in part else ()


def unwritten():
    """Keys that are described and that no header writes."""
    headers = "\n".join(path.read_text() for path in sorted((root / "include").rglob("*.hpp")))
    keys = set(described_keys(schema)).union(*(described_keys(part) for part in schema["$defs"].values()))
    return [f"results.schema.json: {key} is written by no header" for key in sorted(keys) if f'"{key}"' not in headers]


def kind(part):
    """What a value is, in a word or two."""
    reference, items = part.get("$ref", ""), part.get("items", {})
    name = reference.rpartition("/")[2]
    if name in ("number", "interval"):
        return name
    if "items" in part:
        inner = kind(items)
        return "list of " + (inner if inner.startswith("[") else inner + "s")
    if reference:
        return f"[{name}](#{name})"
    types = part.get("type", "")
    first = types if isinstance(types, str) else types[0]
    return {"integer": "whole number", "boolean": "true or false", "string": "text", "object": "object"}.get(first, first)


def table(name):
    """A definition's keys, or a file's columns, as a table."""
    part = schema if name == "results.json" else schema["$defs"][name]
    columns = name.endswith(".csv")
    lines = [part["description"], ""]
    lines += ["| column | meaning | unit | empty |", "|---|---|---|---|"] if columns else ["| key | what it is | meaning | unit | null or absent |", "|---|---|---|---|---|"]
    entries = list(part["properties"].items()) + [(p["name"], p) for p in part.get("patternProperties", {}).values()]
    for key, one in entries:
        whole = resolved(one)
        cells = [f"`{key}`"] + ([] if columns else [kind(one)]) + [whole["description"], whole.get("unit", ""), whole.get("empty", "")]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def written(text):
    """The document with the tables of the schema."""
    block = re.compile(r"(<!-- dictionary: (\S+) -->\n).*?(<!-- end of dictionary -->)", re.DOTALL)
    names = [m[1] for m in re.findall(block, text)]
    missing = {"results.json", *(n for n, part in schema["$defs"].items() if "properties" in part)} - set(names)
    if missing:
        sys.exit(f"{document}: there is no <!-- dictionary: {sorted(missing)[0]} -->")
    return block.sub(lambda m: m[1] + table(m[2]) + m[3], text)


def made_by(analyze, folder):
    subprocess.run([analyze, root / "examples" / "data" / "balls_and_urns_zipf", "--compare", "--forecast", "--bootstrap", "10", "--loss-sequences", "512",
                    "--quiet", "--output", folder], check=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("results", type=pathlib.Path, nargs="?", metavar="RESULTS", help="folder with results.json, cells.csv and explanations.csv")
    options.add_argument("--analyze", help="the program that makes them")
    options.add_argument("--write", action="store_true", help="write the document's tables")
    chosen = options.parse_args()
    text = document.read_text()
    if chosen.write:
        document.write_text(written(text))
        return
    found = unwritten()
    if written(text) != text:
        found.append("examples/dictionary.md has other tables than results.schema.json: python3 tests/dictionary.py --write")
    if chosen.results:
        if chosen.analyze:
            made_by(chosen.analyze, chosen.results)
        found += faults(json.loads((chosen.results / "results.json").read_text()), schema, "results.json")
        for file in ("cells.csv", "explanations.csv"):
            with open(chosen.results / file, newline="") as lines:
                found += column_faults(file, next(csv.reader(lines)))
    print(*found[:20], f"{len(found)} faults", sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
