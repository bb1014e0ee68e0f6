#!/usr/bin/env bash
# Makes a release's archive, and the recipes with which Conan's and vcpkg's registries take it.
# Usage: packaging/release.sh ADDRESS [OUTPUT]
#   ADDRESS   the project's public address, https://HOST/OWNER/NAME
#   OUTPUT    the folder to write to, build/registry unless given
# The sources are those of HEAD, in a clone without changes; where the version has its tag, HEAD must be it. OUTPUT gets
#   rationale-VERSION.tar.gz, with .sha256 and .sha512   the same bytes every time, named NAME-VERSION/ within as GitHub does for a tag
#   conan/recipes/rationale                              for conan-center-index
#   vcpkg/ports/rationale, vcpkg/versions                for vcpkg, or a registry of one's own
# The recipes are conanfile.py and packaging/vcpkg/ports/rationale with other sources: a change there that does not fit is refused here.
set -euo pipefail

refuse() {
    echo "packaging/release.sh: $1" >&2
    exit "${2:-1}"
}

case "${1:-}" in -h | --help) sed -n '2,/^set -/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
[ $# -eq 1 ] || [ $# -eq 2 ] || refuse "there are $# arguments, must be ADDRESS [OUTPUT] (see --help)" 2
[[ $1 =~ ^(https://[A-Za-z0-9.-]+)/([A-Za-z0-9._-]+)/([A-Za-z0-9._-]+)$ && $1 != *.git ]] ||
    refuse "the address is $1, must be https://HOST/OWNER/NAME" 2
address=$1 host=${BASH_REMATCH[1]} owner=${BASH_REMATCH[2]} name=${BASH_REMATCH[3]}
output=$(realpath -m -- "${2:-"$(dirname "${BASH_SOURCE[0]}")/../build/registry"}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ] || refuse "$(pwd) is not a clone, must be one: the archive is made by git"
[ -z "$(git status --porcelain)" ] || refuse "the tree has changes, must be as it was committed: $(git status --porcelain | head -n 1)"
version=$(sed -nE 's/^#define RATIONALE_VERSION_(MAJOR|MINOR|PATCH) ([0-9]+)$/\2/p' include/rationale/version.hpp | paste -sd.)
for manifest in vcpkg.json packaging/vcpkg/ports/rationale/vcpkg.json; do
    stated=$(sed -nE 's/^  "version-semver": "(.*)",$/\1/p' $manifest)
    [ "$stated" = "$version" ] || refuse "the version in $manifest is ${stated:-missing}, must be $version as in include/rationale/version.hpp"
done
released=$(sed -nE "s/^## ${version//./\\.} \\(([0-9]{4}-[0-9]{2}-[0-9]{2})\\)\$/\\1/p" CHANGELOG.md)
date -d "${released:-none}" >/dev/null 2>&1 || refuse "CHANGELOG.md has no day for $version, must have the heading '## $version (YYYY-MM-DD)'"
tag=$(git rev-parse --quiet --verify "refs/tags/v$version^{commit}" || true)
[ -z "$tag" ] || [ "$tag" = "$(git rev-parse HEAD)" ] || refuse "HEAD is not v$version, must be: git checkout v$version"

# All or nothing is written to OUTPUT.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
made=$scratch/made
mkdir "$made"
archive=rationale-$version.tar.gz
git -c tar.umask=0002 -c core.autocrlf=false archive --format=tar --prefix="$name-$version/" HEAD | gzip -cn >"$made/$archive"
for bits in 256 512; do (cd "$made" && sha${bits}sum "$archive" >"$archive.sha$bits"); done
sha256=$(cut -d ' ' -f 1 "$made/$archive.sha256")
sha512=$(cut -d ' ' -f 1 "$made/$archive.sha512")

# replace FILE OLD NEW: OLD must stand there once.
replace() {
    local text
    text=$(<"$1")
    [[ $text == *"$2"* && ${text#*"$2"} != *"$2"* ]] || refuse "${1##*/} must have once what is replaced: ${2%%$'\n'*}"
    printf '%s\n' "${text/"$2"/"$3"}" >"$1"
}

# Conan.
recipes=$made/conan/recipes/rationale
mkdir -p "$recipes/all/test_package"
cp packaging/conan/test_package/{CMakeLists.txt,conanfile.py,test_package.cpp} "$recipes/all/test_package"
printf 'versions:\n  "%s":\n    folder: all\n' "$version" >"$recipes/config.yml"
cat >"$recipes/all/conandata.yml" <<YAML
sources:
  "$version":
    url: "$address/releases/download/v$version/$archive"
    sha256: "$sha256"
YAML
recipe=$recipes/all/conanfile.py
cp conanfile.py "$recipe"
replace "$recipe" '# packaging/release.sh makes the recipe of a registry from this one.
import os
import re
' 'import os
'
replace "$recipe" 'from conan.tools.files import copy, load
' 'from conan.tools.files import copy, get
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"
'
replace "$recipe" '    license = "BSD-3-Clause"
' "    license = \"BSD-3-Clause\"
    url = \"https://github.com/conan-io/conan-center-index\"
    homepage = \"$address\"
"
replace "$recipe" '    exports_sources = "include/*", "LICENSE"
' ''
replace "$recipe" '    test_package_folder = "packaging/conan/test_package"

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "include", "rationale", "version.hpp"))
        self.version = ".".join(re.search(rf"#define RATIONALE_VERSION_{part} (\d+)", text)[1] for part in ("MAJOR", "MINOR", "PATCH"))
' '
    def layout(self):
        basic_layout(self, src_folder="src")
'
replace "$recipe" '    def package(self):
' '    def source(self):
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    def package(self):
'
# ConanCenter takes ranges of few packages. Of the others these are versions that it has, and that its recipe of xtensor asks for.
while IFS='|' read -r range taken; do replace "$recipe" "\"$range\"" "\"$taken\""; done <<'PACKAGES'
xtensor/[>=0.24 <1]|xtensor/0.27.1
xsimd/[>=8.1 <15]|xsimd/13.2.0
libzip/[>=1.7 <2]|libzip/1.11.4
nlohmann_json/[>=3.11 <4]|nlohmann_json/3.11.3
bzip2/[>=1.0.8 <2]|bzip2/1.0.8
brotli/[>=1.0.9 <2]|brotli/1.1.0
openmpi/[>=4 <5]|openmpi/4.1.8
cli11/[>=2.1 <3]|cli11/2.5.0
PACKAGES

# vcpkg.
port=$made/vcpkg/ports/rationale
mkdir -p "$port" "$made/vcpkg/versions/r-"
cp packaging/vcpkg/ports/rationale/{portfile.cmake,vcpkg.json,usage} "$port"
replace "$port/vcpkg.json" '  "license": "BSD-3-Clause",
' "  \"homepage\": \"$address\",
  \"license\": \"BSD-3-Clause\",
"
replace "$port/portfile.cmake" '# An overlay port of the sources it lies in: vcpkg install rationale --overlay-ports=packaging/vcpkg/ports
' ''
elsewhere=""
[ "$host" = https://github.com ] || elsewhere="
    GITHUB_HOST $host"
replace "$port/portfile.cmake" 'cmake_path(SET SOURCE_PATH NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../../..")
' "vcpkg_from_github(
    OUT_SOURCE_PATH SOURCE_PATH$elsewhere
    REPO $owner/$name
    REF \"v\${VERSION}\"
    SHA512 $sha512
    HEAD_REF main
)
"
git init --quiet --bare --object-format=sha1 "$scratch/git"
of_port=(git --git-dir="$scratch/git" --work-tree="$port" -C "$port" -c core.autocrlf=false -c core.fileMode=false)
"${of_port[@]}" add --force --all
cat >"$made/vcpkg/versions/r-/rationale.json" <<JSON
{
  "versions": [
    {
      "git-tree": "$("${of_port[@]}" write-tree)",
      "version-semver": "$version",
      "port-version": 0
    }
  ]
}
JSON
cat >"$made/vcpkg/versions/baseline.json" <<JSON
{
  "default": {
    "rationale": {
      "baseline": "$version",
      "port-version": 0
    }
  }
}
JSON

mkdir -p "$output"
rm -rf "$output/conan/recipes/rationale" "$output/vcpkg/ports/rationale"
cp -r "$made/." "$output"
echo "$output: $version of $released, SHA-256 $sha256"
