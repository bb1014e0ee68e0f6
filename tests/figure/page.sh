#!/usr/bin/env bash
# The page of a report in a browser, from a file and without the network: every figure is drawn. Before that every specification fits
# Vega-Lite's schema and draws marks. Usage: page.sh ANALYZE SOURCE FOLDER; exit status 77 where npm is missing or cannot fetch.
set -eu
analyze=$1 source=$2 folder=$3
command -v npm >/dev/null || { echo "There is no npm"; exit 77; }
rm -rf "$folder"
mkdir -p "$folder"
cp "$source"/examples/report/*.js* "$folder"
(cd "$folder" && npm ci --no-audit --no-fund --silent) || { echo "npm could not fetch Vega-Lite"; exit 77; }
cat "$folder"/node_modules/{vega/build/vega,vega-lite/build/vega-lite,vega-embed/build/vega-embed}.min.js >"$folder/bundle.js"
"$analyze" "$source"/examples/data/{markov_chains,linear_regression} --compare --forecast --bootstrap 10 --loss-sequences 500 --quiet \
    --output "$folder/out" --report "$folder/page" --vega "$folder/bundle.js"
node "$folder/draw.js" "$folder/page/figures" --check
figures=$(find "$folder/page/figures" -name '*.vl.json' | wc -l)
[ "$figures" -eq "$(find "$folder/page/figures" -name '*.svg' | wc -l)" ]
size=$(stat -c %s "$folder/page/index.html")
[ "$size" -lt 6000000 ] || { echo "The page has $size bytes, must have less than 6 MB"; exit 1; }
browser=$(command -v chromium || command -v chromium-browser || true)
[ -n "$browser" ] || { echo "There is no chromium: $figures figures were drawn without a browser"; exit 0; }
"$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --host-resolver-rules="MAP * ~NOTFOUND" --virtual-time-budget=30000 --enable-logging=stderr \
    --dump-dom "file://$folder/page/index.html" >"$folder/dom.html" 2>"$folder/log"
if grep CONSOLE "$folder/log"; then echo "The console has messages"; exit 1; fi
drawn=$(grep -o '<svg[^>]*class="marks"' "$folder/dom.html" | wc -l)
echo "$drawn of $figures figures drawn in the browser"
[ "$drawn" -eq "$figures" ]
