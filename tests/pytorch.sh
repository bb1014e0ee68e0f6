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
expect "the page has the map" grep -q 'data-name="belief"' $page
expect "every figure of the page is its file" test "$(grep -o 'data-name="[^"]*"' $page | sort -u | wc -l)" -ge 20
expect "the map shows every checkpoint" python3 - $results/cells.csv $results/report/figures/belief.csv <<'PY'
import csv, sys
cells, shown = (list(csv.DictReader(open(file))) for file in sys.argv[1:])
has = [cell for cell in cells if cell["square_trust"]]
assert len({(cell["tasks"], cell["step"]) for cell in has}) == 36 and len(has) == len(shown), f"{len(has)} cells with a place, {len(shown)} shown"
PY
if browser=$(command -v chromium || command -v chromium-browser) && [ -d build/report/node_modules/playwright-core ]; then
    cp tests/figure/page.mjs build/report/
    expect "a browser shows the page without a fault" node build/report/page.mjs $page $results/cells.csv "$browser"
else
    say "There is no chromium or no npm: the page was not opened"
fi
