#!/usr/bin/env bash
# A report as its reader meets it: every specification fits the schema of the locked Vega-Lite and draws marks, and the page is looked at in
# a browser, from a file and without the network (page.mjs). Usage: page.sh ANALYZE SOURCE FOLDER TEST_FIGURE; exit status 77 where npm or
# chromium is missing. TEST_FIGURE writes pages of made-up analyses.
set -eu
analyze=$1 source=$2 folder=$3 test_figure=$4
command -v npm >/dev/null || { echo "There is no npm"; exit 77; }
browser=$(command -v chromium || command -v chromium-browser) || { echo "There is no chromium"; exit 77; }
rm -rf "$folder"
mkdir -p "$folder"
cp "$source"/examples/report/*.js* "$source/tests/figure/page.mjs" "$folder"
npm_ci() { (cd "$folder" && npm ci --no-audit --no-fund --silent); }
npm_ci || npm_ci || { echo "npm could not fetch what examples/report/package-lock.json names"; exit 1; }
cat "$folder"/node_modules/{vega/build/vega,vega-lite/build/vega-lite,vega-embed/build/vega-embed}.min.js >"$folder/bundle.js"
# Every other run: a page of the same figures in half the time. Paths and names of recordings may be long, and have no place to break at.
recordings=$folder/recordings_of_many_training_runs_of_small_sequence_models_kept_for_years_in_the_folder_of_a_group
for recording in markov_chains classification; do
    mkdir -p "$recordings/$recording"
    cp "$source/examples/data/$recording"/*.npz "$recordings/$recording"
    node -e 'const [from, to] = process.argv.slice(1), manifest = JSON.parse(fs.readFileSync(from));
        manifest.runs = manifest.runs.filter((run, i) => i % 2 === 0);
        if (manifest.family === "classification") manifest.name = "classification_" + "by_a_small_model_".repeat(8);
        fs.writeFileSync(to, JSON.stringify(manifest));' "$source/examples/data/$recording/manifest.json" "$recordings/$recording/manifest.json"
done
"$analyze" "$recordings"/markov_chains "$source/examples/data/linear_regression" "$recordings/classification" --compare --forecast --bootstrap 10 --loss-sequences 500 \
    --output "$folder/out" --report "$folder/page" --vega "$folder/bundle.js" >"$folder/summary.txt"
awk 'BEGIN { RS = "" } $1 != "Report:" && NF && split($0, lines, "\n") > 14 { print "A summary has more than 15 lines:\n" $0; exit 1 }' "$folder/summary.txt"
node "$folder/draw.js" "$folder/page/figures" --check --pdf
for svg in "$folder"/page/figures/*.svg; do
    ! command -v rsvg-convert >/dev/null || [ "$(head -c 5 "${svg%.svg}.pdf")" = "%PDF-" ] || { echo "There is no PDF of $svg"; exit 1; }
done
RATIONALE_PAGES=$folder/pages RATIONALE_VEGA=$folder/bundle.js "$test_figure" --test-case="the page of a large recording*" >"$folder/pages.txt"
size=$(stat -c %s "$folder/page/index.html")
[ "$size" -lt 6000000 ] || { echo "The page has $size bytes, must have less than 6 MB"; exit 1; }
node "$folder/page.mjs" "$folder/page/index.html" "$folder/out/cells.csv" "$folder/pages" "$browser"
