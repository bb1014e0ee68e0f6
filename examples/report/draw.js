// Draws every specification in a folder (NAME.vl.json) as NAME.svg beside it, with --pdf also as NAME.pdf where rsvg-convert is installed (Debian:
// librsvg2-bin). With --check each is validated against the schema of the Vega-Lite at hand, and must draw marks. Fails on a warning or an error
// of Vega-Lite.
import { execFile, spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import * as vega from "vega";
import * as vegaLite from "vega-lite";

const [folder, ...options] = process.argv.slice(2);
const schema = async () => {
  const { default: Ajv } = await import("ajv");
  const { default: addFormats } = await import("ajv-formats");
  const ajv = new Ajv({ allErrors: false, strict: false });
  addFormats(ajv);
  ajv.addFormat("color-hex", /^#[0-9a-fA-F]{6}$/);
  const file = createRequire(import.meta.url).resolve("vega-lite/build/vega-lite-schema.json");
  return ajv.compile(JSON.parse(fs.readFileSync(file, "utf8")));
};
const validate = options.includes("--check") ? await schema() : null;
const pdf = options.includes("--pdf") && spawnSync("rsvg-convert", ["--version"]).status === 0;
if (options.includes("--pdf") && !pdf) console.error("draw.js: there is no rsvg-convert (Debian: librsvg2-bin), so no PDF files");
let failed = 0;
const complain = (file, complaints) => {
  for (const complaint of complaints) console.error(`${file}: ${complaint}`);
  failed += complaints.length;
};
for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".vl.json"))) {
  const complaints = [];
  const note = (...words) => (complaints.push(words.join(" ")), logger);
  const logger = { level: () => logger, error: note, warn: note, info: () => logger, debug: () => logger };
  const specification = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
  if (validate && !validate(specification)) note("does not fit the schema:", JSON.stringify(validate.errors[0]));
  const view = new vega.View(vega.parse(vegaLite.compile(specification, { logger }).spec), { renderer: "none", logger });
  const svg = await view.toSVG();
  if (!/aria-roledescription="[a-z ]*mark"|mark-(rect|symbol|line|rule)/.test(svg)) note("drew no marks");
  const to = (extension) => path.join(folder, file.replace(/\.vl\.json$/, extension));
  fs.writeFileSync(to(".svg"), svg);
  // Beside the next figure's drawing.
  if (pdf)
    execFile("rsvg-convert", ["--format", "pdf", "--output", to(".pdf"), to(".svg")], (error, _, stderr) => {
      if (error) complain(file, [`rsvg-convert: ${stderr || error.message}`]);
    });
  complain(file, complaints);
}
process.on("exit", () => (process.exitCode = failed > 0 ? 1 : 0));
