"""Every command in a document can be given as it stands there: its script is there and says --help, its options are among those, and files
that it reads are there. Usage: documents.py ROOT ANALYZE; ANALYZE is the program, or nothing where it was not built."""
import glob
import itertools
import pathlib
import re
import shlex
import subprocess
import sys

root, analyze = pathlib.Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
faults, checked = [], 0

# What other programs do is not ours to check: how a package is installed, which tests/packages and tests/consumer do.
others = re.compile(r"(cmake|conan|vcpkg|ctest|git|node|npm)\b")


def commands(text):
    """Lines of code blocks, and code within sentences, that begin as a command does."""
    blocks = re.findall(r"^```(?:bash|sh|console)\n(.*?)^```", text, re.M | re.S)
    lines = [line.split("   #")[0].strip() for block in blocks for line in block.splitlines()]
    return [c for c in lines + re.findall(r"`([^`\n]+)`", text) if re.match(r"(bash|sh|python3?|build/\S+|analyze|\S+\.sh|" + others.pattern + r")\s+\S|\S+\.sh$", c)]


def braces(word):
    """All words that a shell makes of {a,b}."""
    parts = [part.strip("{}").split(",") if part.startswith("{") else [part] for part in re.split(r"(\{[^}]*\})", word)]
    return ["".join(choice) for choice in itertools.product(*parts)]


def help_of(*command):
    ran = subprocess.run([*map(str, command), "--help"], cwd=root, capture_output=True, text=True)
    return ran.stdout if ran.returncode == 0 else None


for document in sorted(root.glob("**/*.md")):
    if "build" in document.relative_to(root).parts or "node_modules" in document.parts:
        continue
    for command in commands(document.read_text()):
        where = f"{document.relative_to(root)}: {command}"
        words = shlex.split(command)
        if others.match(words[0]):
            continue
        checked += 1
        program = words[1] if words[0] in ("bash", "sh", "python3", "python") else words[0]
        if tests := re.fullmatch(r"build/\w+/tests/test_(\w+)", program):  # a folder's executable, with doctest's options
            if not (root / "tests" / tests[1]).is_dir():
                faults.append(f"{where}: there is no folder tests/{tests[1]}")
            continue
        if pathlib.Path(program).name == "analyze":
            if not analyze:
                continue
            text = help_of(analyze)
            for word in (w for full in words[1:] if full.startswith("examples/") for w in braces(full)):
                if not glob.glob(str(root / word)):
                    faults.append(f"{where}: there is no {word}")
        elif not (root / program).is_file():
            faults.append(f"{where}: there is no {program}")
            continue
        else:
            text = help_of(sys.executable if program.endswith(".py") else "bash", program)
        if text is None:
            faults.append(f"{where}: --help fails")
            continue
        for option in (w.split("=")[0] for w in words[1:] if w.startswith("--")):
            if not re.search(re.escape(option) + r"(?![\w-])", text):
                faults.append(f"{where}: --help does not name {option}")

# Asked for nothing, the script says what it lacks.
ran = subprocess.run([sys.executable, root / "benchmarks/published.py", "--build", root / "none"], capture_output=True, text=True)
if ran.returncode != 1 or not re.fullmatch(r"published\.py: .*generate_recording is missing, .* builds it, and runs this\n", ran.stderr):
    faults.append(f"published.py without programs says: {ran.stderr}")

print(*faults, f"{checked} commands, {len(faults)} faults", sep="\n")
sys.exit(bool(faults) or checked == 0)
