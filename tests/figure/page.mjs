// Opens a report as its reader does, from a file and without the network, and looks: nothing is complained of, every figure drew marks
// where its place was kept, the slider moves its figure, and what the mouse shows are the numbers of cells.csv.
// Usage: node page.mjs PAGE CELLS CHROMIUM; it exits with the number of faults, at most 100.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [pageFile, cellsFile, executablePath] = process.argv.slice(2);
let faults = 0;
const check = (good, ...words) => {
  if (good) return;
  ++faults;
  console.error("FAULT:", ...words);
};

/// Rows of a CSV file, by column.
const csv = (file) => {
  const fields = (line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2]);
  const [head, ...lines] = fs.readFileSync(file, "utf8").trimEnd().split("\n").map(fields);
  return lines.map((line) => Object.fromEntries(head.map((column, i) => [column, line[i]])));
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true });
const page = await context.newPage();
page.on("console", (message) => check(false, "the console says", message.type(), message.text()));
page.on("pageerror", (error) => check(false, "an error", error));
page.on("request", (request) => check(/^(file|data|blob):/.test(request.url()), "the page asks for", request.url()));
await page.addInitScript(() => {
  window.shifts = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shifts += entry.value)))
    .observe({ type: "layout-shift", buffered: true });
});
await page.goto(pathToFileURL(path.resolve(pageFile)).href);
await page.waitForFunction(() => document.documentElement.dataset.drawn, null, { timeout: 120000 });

// Every figure drew marks that can be seen, in the place that was kept for it.
const figures = await page.$$eval(".drawing", (places) =>
  places.map((place) => ({
    name: place.dataset.name,
    label: place.getAttribute("aria-label"),
    marks: [...place.querySelectorAll("[class*='mark-'].role-mark path, [class*='mark-'].role-mark line")].filter((mark) => {
      const box = mark.getBoundingClientRect();
      return box.width + box.height > 0;
    }).length,
    kept: place.style.getPropertyValue("--kept").split("/").map(Number),
    drawn: [place.querySelector("svg")?.viewBox.baseVal].flatMap((box) => [box?.width, box?.height]),
  })));
check(figures.length > 0, "there are no figures");
for (const { name, label, marks, kept, drawn } of figures) {
  check(marks > 0, name, "drew no marks");
  check(label?.length > 20, name, "has no words for who cannot see it");
  check(Math.abs(drawn[1] - kept[1]) < 40, name, "is", drawn.join(" x "), "and", kept.join(" x "), "was kept for it");
}
const shifts = await page.evaluate(() => window.shifts);
check(shifts < 0.1, "the layout jumps by", shifts);

// Headings go down one level at a time, the language is said, controls have names.
const levels = await page.$$eval("h1,h2,h3,h4", (all) => all.map((heading) => Number(heading.tagName[1])));
check(levels[0] === 1 && levels.every((level, i) => i === 0 || level <= levels[i - 1] + 1), "headings skip a level:", levels.join(""));
check((await page.getAttribute("html", "lang")) === "en", "the page does not say its language");
check((await page.$$eval("input, select", (all) => all.every((control) => control.labels.length > 0))), "a control has no label");

// The slider moves its figure, by the keyboard, and says the step that the data has.
const sliders = await page.$$(".controls");
check(sliders.length > 0, "there is no slider");
for (const controls of sliders) {
  const at = `#${(await controls.getAttribute("id")).replace(/-controls$/, "")}`;
  const rows = csv(path.join(path.dirname(pageFile), "figures", `${await page.getAttribute(at, "data-name")}.csv`));
  const seen = () => page.$$eval(`${at} .role-mark path`, (marks) => marks.map((mark) => mark.getAttribute("d") + mark.getAttribute("transform")).join());
  const steps = () => page.$$eval(`${at} .mark-text.role-mark text`, (texts) => texts.map((text) => text.textContent.replaceAll(",", "")));
  const before = await seen();
  await (await controls.$("input[type=range]")).focus();
  await page.keyboard.press("Home");
  await page.waitForFunction(([at, d]) => d !== [...document.querySelectorAll(`${at} .role-mark path`)].map((mark) => mark.getAttribute("d") + mark.getAttribute("transform")).join(), [at, before], { timeout: 10000 })
    .catch(() => check(false, at, "does not change with its slider"));
  const first = rows.find((row) => row.checkpoint === "1" && row.tasks === rows.at(-1).tasks);
  check((await steps()).includes(first.step), at, "shows", await steps(), "and the first step is", first.step);
  const early = await seen();
  const select = await controls.$("select");
  if ((await select.$$("option")).length > 1) {
    await select.selectOption({ index: 0 });
    await page.waitForTimeout(300);
    check((await seen()) !== early, at, "does not change with the number of tasks");
  }
}

// The mouse shows a cell's numbers, those of cells.csv.
const cells = csv(cellsFile), names = [...new Set(cells.map((cell) => cell.recording))];
/// What the mouse shows on a mark, by title, and the cell of that recording that it is about.
const atMouse = async (mark, name, recording) => {
  await mark.scrollIntoViewIfNeeded();
  const box = await mark.boundingBox(), split = await mark.evaluate((element) => element.__data__?.datum?.split);
  if (!split) return {};
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => !document.querySelector("#vg-tooltip-element.visible"));
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForSelector("#vg-tooltip-element.visible", { timeout: 5000 }).catch(() => check(false, name, "shows nothing at the mouse"));
  const shown = Object.fromEntries(await page.$$eval("#vg-tooltip-element tr", (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.replace(/:$/, "").trim()))));
  const cell = cells.find((c) => c.recording === recording && c.tasks === shown.D && c.step === shown.N && c.split === split);
  check(cell, name, "shows a cell that cells.csv does not have:", JSON.stringify(shown));
  return { shown, cell };
};
const someOf = (marks) => [0.1, 0.35, 0.6, 0.85].map((share) => marks[Math.floor(share * marks.length)]);
const maps = figures.map((figure) => figure.name).filter((name) => /(^|-)relative-distance$/.test(name));
check(maps.length === names.length, "there are", maps.length, "maps of relative distance for", names.length, "recordings");
for (const [i, name] of maps.entries()) {
  let compared = 0;
  for (const mark of someOf(await page.$$(`[data-name="${name}"] .mark-rect.role-mark path`))) {
    const { shown, cell } = await atMouse(mark, name, names[i]);
    if (!cell) continue;
    for (const [title, column] of [["relative distance", "relative_distance"], ["standard error", "relative_distance_error"]]) {
      const number = Number(shown[title]?.replace("−", "-"));
      if (cell.relative_distance_state !== "defined") continue;
      check(number === Number(Number(cell[column]).toPrecision(4)), name, "shows", title, shown[title], "and cells.csv has", cell[column]);
      ++compared;
    }
  }
  check(compared >= 2, name, "could be compared in", compared, "numbers only");
}
for (const [i, name] of maps.map((map) => map.replace("relative-distance", "belief")).entries()) {
  const has = cells.some((cell) => cell.recording === names[i] && cell.square_trust);
  let compared = 0;
  check(has === figures.some((figure) => figure.name === name), name, has ? "is missing" : "has nothing to show");
  for (const mark of has ? someOf(await page.$$(`[data-name="${name}"] .mark-symbol.role-mark path`)) : []) {
    const { shown, cell } = await atMouse(mark, name, names[i]);
    if (!cell) continue;
    check(Number(shown.e.split(" ")[0]) === Number(Number(cell.square_trust).toPrecision(3)), name, "shows e", shown.e, "and cells.csv has", cell.square_trust);
    ++compared;
  }
  check(compared >= 2 || !has, name, "could be compared in", compared, "numbers only");
}

// Nothing is wider than the window, on a laptop, on half of it, and on paper.
for (const [width, media] of [[1280, "screen"], [768, "screen"], [768, "print"]]) {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ media });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= width, "the page is", wide, "pixels wide in a window of", width, media);
}
await browser.close();
console.log(`${figures.length} figures, ${sliders.length} sliders, ${faults} faults`);
process.exitCode = Math.min(faults, 100);
