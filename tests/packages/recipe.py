"""Conan's recipes do what they should, with a stand-in for Conan: python3 recipe.py TREE [REGISTRY ARCHIVE ADDRESS]. Of the tree's recipe, or of
what packaging/release.sh made of it. A fault is a sentence on standard error."""
import collections
import fnmatch
import hashlib
import itertools
import pathlib
import re
import shutil
import sys
import tarfile
import tempfile
import types

OPTIONS = ("files", "compression", "program", "mpi")
tree = pathlib.Path(sys.argv[1])
registry, archive, address = (pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]) if len(sys.argv) > 2 else (None, None, None)
faults = []


def expect(what, found, expected):
    if found != expected:
        faults.append(f"{what} is {found!r}, expected {expected!r}")


class Options:
    """As Conan's, they have values before a recipe sees them and keep them."""

    def __init__(self, **values):
        vars(self).update(values)

    def __setattr__(self, name, value):
        raise AttributeError(f"Incorrect attempt to modify option '{name}'")

    def get_safe(self, name):
        return getattr(self, name, None)


class Info:
    """Of a package or of a component of it."""

    def __init__(self):
        self.properties, self.requires, self.system_libs, self.components = {}, [], [], collections.defaultdict(Info)
        self.set_property = self.properties.__setitem__


class ConanFile:
    def __init__(self, recipe_folder, source_folder, package_folder, **options):
        self.recipe_folder, self.source_folder, self.package_folder = map(str, (recipe_folder, source_folder, package_folder))
        self.options, self.cpp_info, self.required, self.standard = Options(**options), Info(), [], None
        self.settings, self.info = types.SimpleNamespace(os="Linux"), types.SimpleNamespace(clear=lambda: setattr(self, "cleared", True))
        self.requires = self.required.append


class Toolchain:
    made = None

    def __init__(self, of):
        self.cache_variables = {}
        Toolchain.made = self

    def generate(self):
        pass


def copy(of, pattern, src, dst):
    for path in sorted(pathlib.Path(src).rglob("*")):
        if path.is_file() and fnmatch.fnmatch(path.relative_to(src).as_posix(), pattern):
            to = pathlib.Path(dst) / path.relative_to(src)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)


def get(of, url, sha256, strip_root):
    expect("the address of the archive", url, f"{address}/releases/download/v{of.version}/{archive.name}")
    expect("the hash of the archive", sha256, hashlib.sha256(archive.read_bytes()).hexdigest())
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder)
        [root] = pathlib.Path(folder).iterdir() if strip_root else [folder]
        shutil.copytree(root, of.source_folder, dirs_exist_ok=True)


modules = {
    "conan": {"ConanFile": ConanFile},
    "conan.tools.build": {"check_min_cppstd": lambda of, standard: setattr(of, "standard", standard), "can_run": lambda of: True},
    "conan.tools.cmake": {"CMake": None, "CMakeToolchain": Toolchain, "cmake_layout": None},
    "conan.tools.files": {"copy": copy, "get": get, "load": lambda of, path: pathlib.Path(path).read_text()},
    "conan.tools.layout": {"basic_layout": lambda of, src_folder: setattr(of, "laid_out", src_folder)},
}
for name, members in modules.items():
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(members)


def recipe_of(path):
    scope = {}
    exec(compile(path.read_text(), path, "exec"), scope)
    return next(value for value in scope.values() if isinstance(value, type) and issubclass(value, ConanFile) and value is not ConanFile)


def numbers(version):
    return [int(part) for part in version.split(".")]


def bounds(reference):
    """The versions that a reference takes: from the first, below the second."""
    version = reference.partition("/")[2]
    if found := re.fullmatch(r"\[>=([\d.]+) <([\d.]+)\]", version):
        return numbers(found[1]), numbers(found[2])
    if found := re.fullmatch(r"\[~(\d+)\.(\d+)\]", version):
        return [int(found[1]), int(found[2])], [int(found[1]), int(found[2]) + 1]
    return numbers(version), [*numbers(version), 0]


def described(recipe, folder, options):
    """What the package asks for, and the needs of each component."""
    of = recipe(folder, folder, folder, **options)
    of.requirements()
    of.validate()
    of.package_id()
    of.package_info()
    expect("the standard", of.standard, 20)
    expect("one package for all settings and options", of.cleared, True)
    needs = {name: set(component.requires) for name, component in of.cpp_info.components.items()}
    for name, component in of.cpp_info.components.items():
        expect(f"the target of {name}", component.properties["cmake_target_name"], f"rationale::{name}")
    return of, {reference.partition("/")[0]: bounds(reference) for reference in of.required}, needs


in_tree = recipe_of(tree / "conanfile.py")
recipe = recipe_of(registry / "all/conanfile.py") if registry else in_tree
for values in itertools.product((False, True), repeat=len(OPTIONS)):
    options = dict(zip(OPTIONS, values))
    of, packages, needs = described(recipe, tree, options)
    _, theirs, _ = described(in_tree, tree, options)
    files, compression = (options[name] or options["program"] for name in ("files", "compression"))
    expect(f"components of {options}", {name: name in needs for name in ("rationale", "files", "figures", "compression", "program", "mpi")},
           {"rationale": True, **options, "files": files, "figures": files, "compression": compression})
    used = {need.partition("::")[0] for each in needs.values() for need in each if "::" in need}
    expect(f"packages that components of {options} use", used, set(packages))
    expect(f"components that components of {options} use", {need for each in needs.values() for need in each if "::" not in need} - set(needs), set())
    expect(f"packages of {options}", set(packages), set(theirs))
    for name in set(packages) & set(theirs):
        low, high = packages[name]
        if not theirs[name][0] <= low < high <= theirs[name][1]:
            faults.append(f"versions of {name} are from {low} to {high}, expected some of those that the tree takes, {theirs[name]}")

test = recipe_of((registry / "all" if registry else tree / "packaging/conan") / "test_package/conanfile.py")(tree, tree, tree)
test.tested_reference_str, test.dependencies = "rationale", {"rationale": types.SimpleNamespace(options=Options(files=True, compression=False))}
test.generate()
expect("what is tested", Toolchain.made.cache_variables, {"TEST_FILES": True, "TEST_COMPRESSION": False, "TEST_PROGRAM": False, "TEST_MPI": False})

headers = lambda folder: {path.relative_to(folder).as_posix() for path in pathlib.Path(folder).rglob("*.hpp")}
with tempfile.TemporaryDirectory() as folder:
    of = recipe(tree, tree if not registry else folder + "/src", folder + "/package")
    if registry:
        for name in ("version", "exports_sources", "test_package_folder", "set_version"):
            expect(f"{name} of the registry's recipe", hasattr(recipe, name), False)
        expect("the page", recipe.homepage, address)
        expect("the registry", recipe.url, "https://github.com/conan-io/conan-center-index")
        expect("what the recipe is called", (recipe.name, recipe.license, recipe.package_type), ("rationale", "BSD-3-Clause", "header-library"))
        said = re.fullmatch(r'sources:\n  "(.+)":\n    url: "(.+)"\n    sha256: "(.+)"\n', (registry / "all/conandata.yml").read_text())
        expect("versions", (registry / "config.yml").read_text(), f'versions:\n  "{said[1]}":\n    folder: all\n')
        of.version, of.conan_data = said[1], {"sources": {said[1]: {"url": said[2], "sha256": said[3]}}}
        of.layout()
        expect("the folder of the sources", of.laid_out, "src")
        of.source()
    else:
        of.set_version()
        expect("the version", of.version, ".".join(re.findall(r"#define RATIONALE_VERSION_\w+ (\d+)", (tree / "include/rationale/version.hpp").read_text())))
    of.package()
    expect("headers that are missing or too many", headers(folder + "/package/include") ^ headers(tree / "include"), set())
    expect("the license", pathlib.Path(folder, "package/licenses/LICENSE").read_bytes(), (tree / "LICENSE").read_bytes())

print(*faults, sep="\n", file=sys.stderr, end="\n" if faults else "")
sys.exit(bool(faults))
