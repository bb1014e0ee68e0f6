"""Reads what benchmarks/run.sh measured and prints one table: ours, the other's, their ratio, the ratio that is wanted, and whether it is reached.

Writes FOLDER/table.md and FOLDER/table.json and, into a document, the table between `<!-- measured -->` and `<!-- end of measured -->`."""
import argparse
import datetime
import json
import pathlib
import platform
import re
import subprocess
import sys

try:
    import numpy
except ImportError:
    numpy = None

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("folder", type=pathlib.Path, metavar="FOLDER", help="where benchmarks/run.sh wrote its rounds")
options.add_argument("--document", type=pathlib.Path, help="a Markdown file whose table is replaced")
chosen = options.parse_args()
folder = chosen.folder


def load(path):
    return json.loads(path.read_text())


def ours():
    """{"case/variant": microseconds an item}, the best of all rounds and repetitions."""
    best = {}
    for path in sorted(folder.glob("rounds/*.json")):
        for b in load(path).get("benchmarks", []):
            if b["run_type"] == "iteration":
                name = b["run_name"].removesuffix("/real_time")
                best[name] = min(best.get(name, 1e300), 1e6 / b["items_per_second"])
    return best


def peers():
    """{case: {form: microseconds an item}}, the best of all rounds."""
    best = {}
    for path in sorted(folder.glob("rounds/*-peer-*.json")):
        for case, forms in load(path)["us"].items():
            for form, us in forms.items():
                best.setdefault(case, {})[form] = min(best.get(case, {}).get(form, 1e300), us)
    return best


def largest_difference(case, a, b):
    """Largest absolute difference between two predictions of a case, or None."""
    paths = [folder / "inputs" / case / f"{name}.npy" for name in (a, b)]
    if numpy is None or not all(path.exists() for path in paths):
        return None
    x, y = (numpy.load(path).astype(numpy.float64).ravel() for path in paths)
    return float(numpy.abs(x - y).max())


US, PEERS = ours(), peers()
rows = []


def add(row, value, other, ratio, wanted, facts="", at_most=False, unit="us"):
    """`ratio` is compared with `wanted`, which may be None."""
    reached = None if wanted is None or ratio is None else (ratio <= wanted if at_most else ratio >= wanted)
    rows.append({"row": row, "unit": unit, "ours": value, "other": other, "ratio": ratio, "wanted": wanted, "at_most": at_most,
                 "reached": reached, "facts": facts})


def against_peer(row, case, variant, wanted, form="", reference="double", facts=""):
    """The peer is the fastest of its forms whose name begins with `form`."""
    if f"{case}/{variant}" not in US:
        return
    us, forms = US[f"{case}/{variant}"], {f: t for f, t in PEERS.get(case, {}).items() if f.startswith(form)}
    best = min(forms, key=forms.get) if forms else None
    facts = [facts] if facts else []
    apart = {} if variant == reference else {"ours": largest_difference(case, variant, reference)}
    apart["peer"] = largest_difference(case, f"peer {best}", reference)
    apart = [f"{who} {difference:.1e}" for who, difference in apart.items() if difference is not None]
    if apart:
        facts.append("from double: " + ", ".join(apart))
    if best:
        facts.append(f"peer: {best}")
    add(row, us, forms.get(best), forms[best] / us if best else None, wanted, "; ".join(facts))


def at_best(row, case, name, form=""):
    """What a prediction cannot pass, or hardly, against the case's peer: a part of its work alone, or all of it on inputs in the cache."""
    forms = {f: t for f, t in PEERS.get(case, {}).items() if f.startswith(form)}
    if forms and name in US:
        us, peer = US[name], min(forms.values())
        add(row, us, peer, peer / us, None)


def ours_against_ours(row, name, other, wanted, **more):
    if name in US and other in US:
        add(row, US[name], US[other], US[other] / US[name], wanted, **more)


def share_of_peak(case, variant, tasks, context, categories):
    """Of a core's measured multiply-add peak, counting 2 T D K operations a sequence."""
    real = variant.split("-")[0]
    return 2 * context * tasks * categories / US[f"{case}/{variant}"] * US[f"peak/{real}"]


def build():
    shapes = (("urns-K8-T128", 8, 128, 12), ("urns-K16-T320", 16, 320, 15))
    for case, K, T, skipping in shapes:
        title = f"urns M, K={K} T={T} D=4096"
        share = share_of_peak(case, "float-dense", 4096, T, K)
        against_peer(f"{title}, dense", case, "float-dense", 6, reference="double-dense", facts=f"{share:.0%} of peak")
        against_peer(f"{title}, skipping", case, "float", skipping, reference="double-dense")
    for case, K, T, _ in shapes:
        for real in ("float", "double"):
            us = US[f"{case}/{real}-dense"]
            share = share_of_peak(case, f"{real}-dense", 4096, T, K)
            add(f"urns M, K={K} T={T}, dense {real}: share of peak", us, share * us, share, 0.5 if real == "float" else None)
    against_peer("Markov chains M, K=10 T=512 D=1024, dense", "markov-K10-T512", "float-dense", 8)
    against_peer("Markov chains M, K=10 T=512 D=1024, skipping", "markov-K10-T512", "float", 8)
    against_peer("Markov chains, inference from bigrams, K=10 T=512, double", "markov-inference-K10-T512", "double", None)
    for T in (16, 64):
        against_peer(f"dMMSE, d=8 T={T} D=4096", f"dmmse-d8-T{T}", "float", 10)
        at_best(f"dMMSE, d=8 T={T} D=4096, the dense arithmetic alone", f"dmmse-d8-T{T}", f"dmmse-d8-T{T}/arithmetic")
    for d in (8, 16):
        against_peer(f"ridge, d={d} T=64", f"ridge-d{d}-T64", "float", 25, form="rank-one")
        at_best(f"ridge, d={d} T=64, reading the inputs alone", f"ridge-d{d}-T64", f"ridge-d{d}-T64/reading", form="rank-one")
        at_best(f"ridge, d={d} T=64, inputs in the cache", f"ridge-d{d}-T64", f"ridge-d{d}-T64-in-cache/float", form="rank-one")
        against_peer(f"ridge, d={d} T=64, peer by Cholesky", f"ridge-d{d}-T64", "float", None, form="Cholesky")
    against_peer("classification M, d=8 D=4096", "classification-d8", "float", 3)
    at_best("classification M, d=8 D=4096, the arithmetic alone", "classification-d8", "classification-d8/arithmetic")
    against_peer("copying, d=8 T=127, double", "copying-d8-T127", "double", 10)
    at_best("copying, d=8 T=127, reading the inputs alone", "copying-d8-T127", "copying-d8-T127/reading")
    for case, title in (("remembered-K8-T128-S64", "urns, K=8 T=128, 64 sequences"), ("remembered-K8-T128-S256", "urns, K=8 T=128, 256 sequences"),
                        ("remembered-K8-T32-S24", "urns, K=8 T=32, 24 sequences"), ("remembered-K8-T1024-S16", "urns, K=8 T=1024, 16 sequences"),
                        ("remembered-K16-T320-S32", "urns, K=16 T=320, 32 sequences"),
                        ("remembered-chains-K8-T128-S64", "chains, K=8 T=128, 64 sequences"),
                        ("remembered-chains-K4-order2-T128-S64", "chains of order 2, K=4 T=128, 64 sequences")):
        for ending, way in (("-dense", "dense"), ("", "skipping")):
            for precision in (1, 20, 100, 1000, 100000):
                for exponent in ("0.5", "1.0", "1.3"):
                    us, exact = US.get(f"{case}/precision{precision}-exponent{exponent}{ending}"), US.get(f"{case}/memorizing-dense")
                    if us and exact:
                        add(f"{title}, D=4096, precision {precision}, exponent {exponent}, {way}: time against M, dense", us, exact, us / exact,
                            1.5, at_most=True)
    ours_against_ours("loss alone against dense predictions", "loss/float", "loss/float-prediction", 3)
    ours_against_ours("dense loss alone against dense predictions", "loss/float-dense", "loss/float-prediction", None)

    for case, variants in {"urns-K8-T128": ("-dense", ""), "urns-K16-T320": ("-dense", ""), "dmmse-d8-T16": ("",), "dmmse-d8-T64": ("",),
                           "ridge-d8-T64": ("",), "ridge-d16-T64": ("",), "classification-d8": ("",), "copying-d8-T127": ("",),
                           "loss": ("", "-dense")}.items():
        for variant in variants:
            ours_against_ours(f"{case}{variant}: double against float", f"{case}/double{variant}", f"{case}/float{variant}", 0.45)
    ours_against_ours("classification-d8: double against float, the arithmetic alone", "classification-d8/arithmetic-double",
                      "classification-d8/arithmetic", None)

    for variant in ("float-dense", "float"):
        times = {int(D): us / (128 * int(D)) for name, us in US.items()
                 for case, _, v in [name.partition("/")] if v == variant for D in re.findall(r"scaling-D(\d+)", case)}
        if times:
            best, worst = min(times, key=times.get), max(times, key=times.get)
            add(f"urns M, {'dense' if 'dense' in variant else 'skipping'}: worst time per token and task against best", 1e6 * times[worst],
                1e6 * times[best], times[worst] / times[best], 1.3, f"D={worst} against D={best}", at_most=True, unit="ps")
    if "scaling-D1048576/reading-threads1" in US:
        add("urns M, D=2^20: time per token and task to read once what the tasks are kept in",
            US["scaling-D1048576/reading-threads1"] * 1e6 / (128 << 20),
            None, None, None, unit="ps")
    for case in ("many-sequences", "one-sequence"):
        ours_against_ours(f"two threads against one: {case.replace('-', ' ')}" + (", D=2^20" if case == "one-sequence" else ""),
                          f"{case}/threads2", f"{case}/threads1", 1.8)
    ours_against_ours("two threads against one: reading what 2^20 tasks are kept in", "scaling-D1048576/reading-threads2",
                      "scaling-D1048576/reading-threads1", None)
    ours_against_ours("two threads against one: multiply-add peak", "peak/threads2", "peak/threads1", None)
    if (folder / "memory.json").exists():
        memory = load(folder / "memory.json")
        add("working memory, S=1000 T=320 K=16 D=65536", memory["memory_MB"], None, memory["memory_MB"], 64,
            f"{memory['seconds']:.0f} s", at_most=True, unit="MB")
    if (folder / "published.json").exists():
        p = load(folder / "published.json")
        add("analyze at the published size", p["seconds"], None, p["seconds"], 120, f"{p['threads']} threads, {p['gigabytes']:.1f} GB",
            at_most=True, unit="s")
        add("analyze at the published size: peak memory", p["memory_MB"], None, p["memory_MB"], 1000, at_most=True, unit="MB")
        error = max(abs(p["fitted"][k] / p["true"][k] - 1) for k in p["true"])
        add("analyze at the published size: largest relative error of the law", None, None, error, 0.05,
            ", ".join(f"{k} {p['fitted'][k]:.4g} (true {p['true'][k]:g})" for k in p["true"]), at_most=True, unit="")


def header():
    cpu = platform.processor()
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"^model name\s*: (.*)$", cpuinfo.read_text(), re.M)
        cpu = found[1] if found else cpu
    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    torch = next((load(path)["torch"] for path in sorted(folder.glob("rounds/*-peer-*.json"))), "none")
    return {"processor": cpu, "compiler": compiler, "torch": torch, "date": datetime.date.today().isoformat(),
            "peak_gflops": {real: 1e-3 / US[f"peak/{real}"] for real in ("float", "double")},
            "rounds": len(list(folder.glob("rounds/peak-*.json")))}


def number(x):
    return "" if x is None else f"{x:.3g}" if abs(x) < 100 else f"{x:.0f}"


build()
head = header()
lines = [f"{head['processor']}, one thread, {head['peak_gflops']['float']:.0f} GFLOP/s in float and {head['peak_gflops']['double']:.0f} in double; "
         f"{head['compiler']}; PyTorch {head['torch']}; {head['date']}; best of {head['rounds']} rounds. Times are for one sequence or query.",
         "", "| row | ours | other | ratio | wanted | reached | |", "|---|---|---|---|---|---|---|"]
for r in rows:
    unit = f" {r['unit']}" if r["unit"] else ""
    wanted = "" if r["wanted"] is None else ("at most " if r["at_most"] else "at least ") + number(r["wanted"])
    reached = {True: "yes", False: "**no**", None: ""}[r["reached"]]
    cells = [r["row"], *(number(r[k]) + unit if r[k] is not None else "" for k in ("ours", "other")), number(r["ratio"]), wanted, reached, r["facts"]]
    lines.append("| " + " | ".join(cells) + " |")
text = "\n".join(lines) + "\n"
(folder / "table.md").write_text(text)
(folder / "table.json").write_text(json.dumps({**head, "rows": rows}, indent=1))
if chosen.document:
    block = re.compile(r"(<!-- measured -->\n).*?(<!-- end of measured -->)", re.DOTALL)
    document, count = block.subn(lambda m: m[1] + text + m[2], chosen.document.read_text())
    if count == 0:
        sys.exit(f"{chosen.document}: there is no <!-- measured -->")
    chosen.document.write_text(document)
print(text)
