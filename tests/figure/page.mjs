// Opens a report as its reader does, from a file, without the network and where scripts may not evaluate text, and looks: nothing is
// complained of, every figure drew marks where its place was kept, the slider moves its figure, and what the mouse shows are the numbers of
// cells.csv. Then other pages, in PAGES: one that links what draws its figures and says why they are missing, and a large one; dark, and on
// paper without scripts. Usage: node page.mjs PAGE CELLS PAGES CHROMIUM; it exits with the number of faults, at most 100.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [pageFile, cellsFile, pages, executablePath] = process.argv.slice(2);
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

/// Waits until use(argument) holds on a page. What a browser waits for by itself it evaluates from text, which the policy refuses.
const until = async (page, use, argument, milliseconds) => {
  for (const start = Date.now(); !(await page.evaluate(use, argument)); await page.waitForTimeout(20))
    if (Date.now() - start > milliseconds) throw new Error(`waited ${milliseconds} ms for ${use}`);
};
const isDrawn = () => document.documentElement.dataset.drawn;
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
/// The address of a copy of a page, under a policy for its scripts.
const under = (policy, file) => {
  const copy = file.replace(/\.html$/, `-${policy.replace(/[^a-z]+/g, "-")}.html`);
  const meta = `<head><meta http-equiv="Content-Security-Policy" content="script-src ${policy}">`;
  fs.writeFileSync(copy, fs.readFileSync(file, "utf8").replace("<head>", meta));
  return pathToFileURL(path.resolve(copy)).href;
};
await page.goto(under("'self' 'unsafe-inline'", pageFile));
await until(page, isDrawn, null, 120000);

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

// Every link within the page leads somewhere, and opens what is folded there.
const dangling = await page.$$eval("a[href^='#']", (all) => all.filter((a) => !document.getElementById(a.hash.slice(1))).map((a) => a.hash));
check(dangling.length === 0, "links lead nowhere:", dangling.join());
const ids = await page.$$eval("[id]", (all) => all.map((element) => element.id));
check(new Set(ids).size === ids.length, "an id is there twice");
check(await page.$eval("#recording-1-details-runs", (table) => !table.open), "a table is not folded");
await page.evaluate(() => (location.hash = "recording-1-details-runs"));
await until(page, () => document.getElementById("recording-1-details-runs").open, null, 5000).catch(() => check(false, "a link does not open its table"));

// A laptop's first screen has the map and the first card.
await page.setViewportSize({ width: 1280, height: 800 });
await page.evaluate(() => (location.hash = "", scrollTo(0, 0)));
const card = await page.$$eval(".card", ([first]) => [first, ...first.querySelectorAll("svg, .numbers, .said")].map((part) => part.getBoundingClientRect().bottom));
check(card.length >= 5, "the first card lacks a map, a phase diagram, numbers or a sentence");
check(Math.max(...card) <= 800, "the first card ends at", Math.max(...card));
await page.setViewportSize({ width: 1280, height: 900 });

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
  await until(page, ([at, d]) => d !== [...document.querySelectorAll(`${at} .role-mark path`)].map((mark) => mark.getAttribute("d") + mark.getAttribute("transform")).join(), [at, before], 10000)
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
  await until(page, () => !document.querySelector("#vg-tooltip-element.visible"), null, 30000);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await until(page, () => document.querySelector("#vg-tooltip-element.visible") !== null, null, 5000).catch(() => check(false, name, "shows nothing at the mouse"));
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

// Nothing is wider than the window, on a laptop, on half of it, and on A4 paper.
for (const [width, media] of [[1280, "screen"], [768, "screen"], [718, "print"]]) {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ media });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= width, "the page is", wide, "pixels wide in a window of", width, media);
}
await page.close();

/// Opens another page, and what its console says.
const open = async (address, options = {}) => {
  const other = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })).newPage(), said = [];
  other.on("console", (message) => said.push(message.text()));
  other.on("pageerror", (error) => said.push(String(error)));
  await other.route(/^http/, (route) => route.abort());
  await other.goto(address);
  return { other, said };
};
const drawn = (other) => until(other, isDrawn, null, 60000);

// What is missing says why, in its place, with its numbers.
const linked = path.join(pages, "linked", "index.html"), address = (file) => pathToFileURL(path.resolve(file)).href;
for (const [what, at, options, words] of [
  ["offline", address(linked), { offline: true }, "there is no network"],
  ["a refused host", under("'unsafe-inline'", linked), {}, "whose scripts are refused here"],
  ["refused scripts", under("'none'", linked), {}, "JavaScript is off or refused here"],
  ["no JavaScript", address(linked), { javaScriptEnabled: false }, "JavaScript is off or refused here"],
]) {
  const { other } = await open(at, options);
  if (/network|host/.test(words + what)) await drawn(other);
  const places = await other.locator(".drawing").count(), texts = other.locator(".drawing .missing:visible");
  check(places > 10 && (await texts.count()) === places, what, "leaves", places, "places and", await texts.count(), "texts");
  for (const text of await texts.allTextContents()) check(text.includes(words), what, "is told as", text);
  const link = await texts.first().locator("a").getAttribute("href");
  check(fs.existsSync(path.join(path.dirname(linked), link)), what, "links no numbers");
  check((await other.evaluate(() => [...document.querySelectorAll(".drawing .missing")].every((text) => getComputedStyle(text).visibility === "visible"))), what, "hides its reason");
  await other.context().close();
}
{
  const { other } = await open(address(path.join(pages, "without_square", "index.html")), { offline: true });
  check(await other.getByText("No map of memory and trust:").isVisible(), "a card without a map does not say why");
  await other.context().close();
}

// On paper, where no script runs, all tables are open and nothing is dark.
{
  const { other } = await open(under("'none'", linked), { colorScheme: "dark" });
  const heights = () => other.$$eval("details table", (all) => all.map((table) => table.checkVisibility({ contentVisibilityAuto: true }) ? table.getBoundingClientRect().height : 0));
  check((await heights()).every((height) => height === 0), "a table is not folded on the screen");
  await other.emulateMedia({ media: "print", colorScheme: "dark" });
  const unfolded = (all) => all.length > 5 && all.every((height) => height > 10);
  for (let i = 0; i < 100 && !unfolded(await heights()); ++i) await other.waitForTimeout(20);
  check(unfolded(await heights()), "a table is folded on paper:", await heights());
  check((await other.$eval("body", (body) => getComputedStyle(body).backgroundColor)) === "rgb(255, 255, 255)", "paper is dark");
  await other.context().close();
}

// A large page: 6000 checkpoints, in the dark.
{
  const large = path.join(pages, "large", "index.html"), size = fs.statSync(large).size;
  check(size < 6e6, "the large page has", size, "bytes");
  const start = Date.now(), { other, said } = await open(under("'self' 'unsafe-inline'", large), { offline: true, colorScheme: "dark" });
  await until(other, () => document.querySelectorAll(".card svg").length === 2, null, 60000);
  const card = Date.now() - start;
  await drawn(other);
  const all = Date.now() - start;
  console.log(`the large page: ${size} bytes, its card after ${card} ms, all of it after ${all} ms`);
  check(card < 5000, "the large page's card takes", card, "ms");
  check(all < 15000, "the large page takes", all, "ms");
  check(said.length === 0, "the large page says", said.join("; "));
  check(await other.getByText("Figures show 1200 of 12000 cells").isVisible(), "the large page does not say what it leaves out");
  // Text and lines are light on dark; what is saved is not.
  const light = (colour) => colour.match(/\d+/g).slice(0, 3).every((level) => level > 120);
  const [paper, ...inks] = await other.evaluate(() => [getComputedStyle(document.body).backgroundColor, ...[...document.querySelectorAll(
    ".drawing .role-axis-label text, .drawing .role-axis-title text, .drawing .role-legend-label text, .drawing .role-title-text text")].map((text) => getComputedStyle(text).fill)]);
  check(!light(paper) && inks.length > 100 && inks.every(light), "the dark page has", paper, "and", [...new Set(inks)].join("; "));
  const [download] = await Promise.all([other.waitForEvent("download"), other.click("[data-save]")]);
  const svg = fs.readFileSync(await download.path(), "utf8");
  check(svg.includes("<svg") && svg.includes("#222222") && !svg.includes("var("), "the saved figure needs the page");
  await other.context().close();
}
await browser.close();
console.log(`${figures.length} figures, ${sliders.length} sliders, ${faults} faults`);
process.exitCode = Math.min(faults, 100);
