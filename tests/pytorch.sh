#!/usr/bin/env bash
# From a training loop in PyTorch to the map: gives the commands of that section of the manual, examples/README.md, as they stand there, in the
# root of this tree, and looks at what they made. Installs Debian's PyTorch. Usage: tests/pytorch.sh, or tests/run.sh --only pytorch
set -euo pipefail
case "${1:-}" in
    "") ;;
    -h | --help) sed -n '2,/^set -euo/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "tests/pytorch.sh: unknown argument $1 (see --help)" >&2; exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. packaging/cmake/setup.sh
install_missing python3-torch python3-numpy
python=$(python_with "torch, numpy") || { say "No Python here has torch and numpy"; exit 1; }
python3() { "$python" "$@"; }  # what the manual's reader has

recording=build/urns results=build/urns_results said=build/urns_said
section=$(sed -n '/^## From PyTorch to the map/,/^## Options/p' examples/README.md)
commands=$(sed -n '/^ *```bash/,/^ *```$/{/```/!s/^ *//p}' <<<"$section")
rm -rf $recording $results
while read -r command; do
    say "$command"
    eval "$command" </dev/null 2>&1
done <<<"$commands" | tee $said

# expect WORDS COMMAND...: words are about what a command finds
expect() { "${@:2}" || { say "It is not so that $1"; exit 1; }; }
page=$results/report/index.html
expect "three runs were recorded" test "$(find $recording -name '*.npz' | wc -l)" = 3
expect "there is a summary of them" grep -q '^urns in PyTorch: 3 runs' $said
for line in Does Switches Sure Law "Held out" Careful; do expect "the summary has the line $line" grep -q "^  $line " $said; done
expect "the page has the map" grep -q 'data-name="urns-belief"' $page
for name in $(grep -o 'data-name="[^"]*"' $page | cut -d'"' -f2); do
    expect "the figure $name has its files" test -s $results/report/figures/$name.vl.json -a -s $results/report/figures/$name.csv
done
expect "the map shows every checkpoint" python3 - $results/cells.csv $results/report/figures/urns-belief.csv <<'PY'
import csv, sys
cells, shown = (list(csv.DictReader(open(file))) for file in sys.argv[1:])
has = [cell for cell in cells if cell["square_trust"]]
assert len({(cell["tasks"], cell["step"]) for cell in has}) == 36 and len(has) == len(shown), f"{len(has)} cells with a place, {len(shown)} shown"
PY
browser=$(command -v chromium || command -v chromium-browser) || { say "There is no chromium: the page was not opened"; exit 0; }
seen=build/urns_seen
"$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --enable-logging=stderr --virtual-time-budget=60000 \
    --dump-dom "file://$PWD/$page" >$seen 2>$seen.log
expect "the browser has nothing to complain of" test "$(grep -c CONSOLE $seen.log)" = 0
expect "the browser drew every figure, and the map's checkpoints" python3 - $seen <<'PY'
import re, sys
page = open(sys.argv[1]).read()
figures = page.split('data-name="')[1:]
drawn = re.search('<html[^>]* data-drawn="([0-9]+)"', page)
assert drawn and int(drawn[1]) == len(figures) and all("<svg" in figure for figure in figures), f"{len(figures)} figures, {drawn}"
points = next(figure for figure in figures if figure.startswith('urns-belief"')).count("<path")
assert points >= 72, f"the map has {points} marks"
print(f"{len(figures)} figures, {points} marks on the map")
PY
