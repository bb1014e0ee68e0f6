"""What documents say can be done as it stands there. Every command can be given: its script is there and says --help, its options are among
those, and files that it reads are there. What is linked is there, the place on a page too. C++ in a document is that of a program that is
built, and prints what stands below it. The manual has every option of analyze, every law and every parameter of a manifest, the concept
page every concept. The first page is short. Tables of results are those of examples/results.json. Usage: documents.py ROOT ANALYZE; ANALYZE
is the program, or nothing where it was not built."""
import ast
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
others = re.compile(r"(cmake|conan|vcpkg|ctest|git|node|npm|python3? -m)\b")


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


documents = [d for d in sorted(root.glob("**/*.md")) if "build" not in d.relative_to(root).parts and "node_modules" not in d.parts]


def anchors(document):
    """The places of a page that a link may name: its headings as GitHub writes them."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.M | re.S)
    names = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in re.findall(r"^#+ (.*)$", text, re.M)]
    return {re.sub(r"[^\w\- ]", "", name).replace(" ", "-") for name in names}


def squeezed(text):
    """C++ without comments at the ends of lines and without spaces, which a formatter moves."""
    return re.sub(r"\s+", "", re.sub(r"//.*", "", text))


programs = {path: squeezed(path.read_text()) for folder in ("examples", "tests/consumer") for path in sorted((root / folder).rglob("*.[ch]pp"))}


def prints(program):
    """The lines that an example prints; none where it was not built."""
    built = pathlib.Path(analyze).parent / program.stem if analyze else None
    if built is None or program.parent.name != "examples" or not built.is_file():
        return None
    return {line.strip() for line in subprocess.run([built], cwd=root, capture_output=True, text=True).stdout.splitlines()}


for document in documents:
    page = document.relative_to(root)
    text = document.read_text()
    for _, block, output in re.findall(r"^( *)```cpp\n(.*?)^\1```\n(?:```\n(.*?)^```)?", text, re.M | re.S):
        checked += 1
        begins = block.strip().splitlines()[0]
        program = next((path for path, code in programs.items() if squeezed(block) in code), None)
        if program is None:
            faults.append(f"{page}: no program has the code that begins with {begins}")
        elif output and (lines := prints(program)) is not None:
            faults += [f"{page}: {program.name} does not print: {line}" for line in output.splitlines() if line.strip() not in lines]
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        if re.match(r"\w+:", link):
            continue
        checked += 1
        path, _, place = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists():
            faults.append(f"{page}: there is no {link}")
        elif place and target.suffix == ".md" and place not in anchors(target):
            faults.append(f"{page}: {path or page} has no heading {place}")

manual = (root / "examples" / "README.md").read_text()
for header in sorted((root / "include/rationale/task").glob("*.hpp")):
    for name in re.findall(r'parameter_field\{"(\w+)"', header.read_text()):
        if f"`{name}`" not in manual:
            faults.append(f"examples/README.md: the parameter {name} of {header.stem} is missing")
for law in re.findall(r'law_of<[^"]*>\("([^"]+)"\)', (root / "include/rationale/learner/known_laws.hpp").read_text()):
    if f"`{law}`" not in manual:
        faults.append(f"examples/README.md: the law {law} is missing")
concepts = (root / "examples" / "concepts.md").read_text()
for header in sorted((root / "include/rationale").rglob("*.hpp")):
    for name in re.findall(r"^concept (\w+) =", header.read_text(), re.M) if header.parent.name != "detail" else ():
        if not re.search(rf"\b{name}\b", concepts):
            faults.append(f"examples/concepts.md: the concept {name} of {header.relative_to(root)} is missing")
if analyze:
    for option in re.findall(r"(--[\w-]+)", help_of(analyze)):
        if not re.search(r"`" + option + r"[ `]", manual):
            faults.append(f"examples/README.md: the option {option} of analyze is missing")

first = (root / "README.md").read_text()
if len(first.splitlines()) > 150 or len(first.encode()) > 10240:
    faults.append(f"README.md has {len(first.splitlines())} lines and {len(first.encode())} bytes, must have at most 150 and 10240")

ran = subprocess.run([sys.executable, root / "examples/results.py", "--check"], capture_output=True, text=True)
if ran.returncode != 0:
    faults.append(ran.stderr.strip())

for document in documents:
    for command in commands(document.read_text()):
        where = f"{document.relative_to(root)}: {command}"
        words = shlex.split(command)
        if others.match(command):
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
            if text is None and "\nimport torch" in (source := (root / program).read_text()):  # which need not be here
                text = ast.get_docstring(ast.parse(source))
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
