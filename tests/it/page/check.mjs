// Opens pages in a browser and fails with everything that is wrong with them. Reads what to look at from standard input.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { contrast, overflow } from "./layout.mjs";

const order = JSON.parse(readFileSync(0, "utf8"));
const WIDTHS = [380, 900, 1600];
/** Pages that are drawn at each width: one for each kind of content. */
const DRAWN = ["all-emulated", "two-nodes", "four-platforms", "foreign-tool-before.Dockerfile", "hostile", "comparison", "observed", "observed-terminal", "observed-failed", "observed-hostile"];
const SCHEMES = ["light", "dark"];
const browser = await chromium.launch({ executablePath: order.browser });
const failures = [];

/** Opens a page; whatever it logs, throws or asks for beyond itself is a failure. */
async function open(shown, width = 1600, colorScheme = "light") {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce" });
  const url = pathToFileURL(shown.file).href;
  page.on("console", (message) => failures.push(`${shown.name}: console: ${message.text()}`));
  page.on("pageerror", (error) => failures.push(`${shown.name}: ${error}`));
  page.on("request", (request) => {
    if (request.url() !== url && request.url() !== "data:,") failures.push(`${shown.name}: asks for ${request.url()}`);
  });
  page.on("dialog", (dialog) => failures.push(`${shown.name}: ${dialog.message()}`));
  await page.goto(url);
  return page;
}

async function check(shown, what, run) {
  const page = await open(shown);
  try {
    await run(page, shown);
  } catch (error) {
    failures.push(`${shown.name}: ${what}: ${error.message}`);
  }
  await page.close();
}

/** The steps that are lit in a panel, sorted, without repeats. */
const lit = (page, panel) =>
  page.$$eval(`[data-panel="${panel}"] .lit`, (all) =>
    [...new Set(all.flatMap((one) => one.dataset.steps.split(" ").map(Number)))].sort((a, b) => a - b),
  );

const makespan = (page) => page.textContent('[data-is="makespan"]');
const barEnds = (page) =>
  page.$$eval(".track .box", (all) => all.map((one) => Math.round(one.getBoundingClientRect().right)));

async function linking(page) {
  const step = await page.$$eval(".bar", (bars) => {
    const seen = (number) => document.querySelector(`.line[data-steps~="${number}"]`) && document.querySelector(`[data-box][data-steps~="${number}"]`);
    return bars.map((bar) => bar.dataset.steps).find(seen);
  });
  assert.ok(step, "a step that file, graph and timeline show");
  const places = [
    `.line[data-steps~="${step}"] code`,
    `[data-panel="graph"] [data-steps~="${step}"] .box`,
    `.bar[data-steps="${step}"]`,
    `tr[data-steps="${step}"]`,
  ];
  for (const place of places) {
    await page.hover(place, { force: true });
    for (const panel of ["file", "graph", "time", "steps"]) {
      const steps = await lit(page, panel);
      assert.ok(steps.includes(Number(step)), `${place} lights step ${step} in ${panel}, not ${steps}`);
    }
  }
  assert.deepEqual(await lit(page, "steps"), [Number(step)], "a row lights one step");
  assert.match(await page.textContent('[data-is="pointed"]'), /line \d+/);
  await page.mouse.move(1, 1);
  assert.equal(await page.$(".lit"), null, "pointing elsewhere puts all out");
}

async function settings(page, shown) {
  const before = [await makespan(page), await barEnds(page)];
  await page.focus("#cores");
  await page.keyboard.press("Home");
  const onOne = await makespan(page);
  assert.notEqual(onOne, before[0], "one core takes longer than four");
  assert.notDeepEqual(await barEnds(page), before[1], "bars move");
  assert.match(await page.textContent('[data-is="difference"]'), /more \(\d+ %\)/);
  assert.equal(await page.getAttribute("#cores", "aria-valuetext"), "1");
  await page.keyboard.press("End");
  assert.notEqual(await makespan(page), onOne, "many cores are faster");
  await page.click('[data-is="reset"]');
  assert.equal(await makespan(page), before[0], "reset");
  const times = [];
  if (await page.isVisible("#slowdown")) {
    await page.focus("#slowdown");
    for (const key of ["Home", "End"]) {
      await page.keyboard.press(key);
      times.push(await makespan(page));
    }
    assert.ok(times[0] !== times[1] || shown.name !== "all-emulated", "emulation takes time");
    await page.click('[data-is="reset"]');
  }
  const left = () => page.$$eval(".bar.is-left-out", (all) => all.length);
  assert.equal(await left(), 0);
  await page.selectOption("#platforms", "2");
  assert.ok((await left()) > 0 || times.length === 0, "the other platform's steps are left out");
  await page.click('[data-is="reset"]');
  assert.equal(await makespan(page), before[0], "reset");
}

/** The graph says what each step costs in the run that is shown, and on which of them its end depends. */
async function costs(page, shown) {
  const texts = () => page.$$eval("[data-box] .cost", (all) => all.map((one) => one.textContent));
  const critical = (what) => page.$$eval(`figure ${what}`, (all) => all.length);
  const before = { texts: await texts(), boxes: await critical("g.critical > .box"), lines: await critical(".critical.line") };
  assert.ok(before.texts.length > 0 && before.texts.every((text) => /^(\d.*|cached)$/.test(text)), `${before.texts}`);
  assert.ok(before.boxes > 0, "the critical path goes through boxes");
  assert.ok(before.lines > 0 || shown.name === "huge", "and along lines");
  await page.focus("#cores");
  await page.keyboard.press("Home");
  assert.notDeepEqual(await texts(), before.texts, "one core takes longer");
  assert.ok((await critical("g.critical > .box")) > 0, "the critical path of one core");
  const wide = await page.$$eval("[data-box]", (all) =>
    all.flatMap((box) => {
      const [cost, note] = [box.querySelector(".cost"), [...box.querySelectorAll("text.small")].find((one) => !one.classList.contains("cost"))];
      if (!cost || !note || !cost.textContent) return [];
      return cost.getBoundingClientRect().left < note.getBoundingClientRect().right ? [`${note.textContent} | ${cost.textContent}`] : [];
    }),
  );
  assert.deepEqual(wide, [], "costs stand beside notes");
  await page.click('[data-is="reset"]');
  const after = { texts: await texts(), boxes: await critical("g.critical > .box"), lines: await critical(".critical.line") };
  assert.deepEqual(after, before, "reset");
}

/** The colour in the upper left of each way's sign, where nothing but its band is. */
async function signs(page) {
  const blank = await browser.newPage();
  const colours = {};
  for (const item of await page.$$(".legend li")) {
    const sign = await item.$(".sign");
    if (!sign) continue;
    const bytes = [...(await sign.screenshot())];
    colours[(await item.textContent()).trim()] = await blank.evaluate(async (png) => {
      const picture = await createImageBitmap(new Blob([new Uint8Array(png)]));
      const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
      canvas.drawImage(picture, 0, 0);
      return [...canvas.getImageData(4, 4, 1, 1).data].slice(0, 3);
    }, bytes);
  }
  await blank.close();
  const [native, emulated] = [colours.native, colours.emulated];
  assert.ok(native[2] > native[0] + 60, `native is blue: ${native}`);
  assert.ok(emulated[0] > emulated[2] + 60, `emulated is orange: ${emulated}`);
}

/** Below the bars an area of busy cores, and what is known of the range. */
async function load(page) {
  const area = () => page.getAttribute(".load .area", "d");
  const range = () => page.textContent('[data-is="timeline"] .remark');
  const [before, said] = [await area(), await range()];
  assert.match(before, /^M0 63(V\d+H\d+)+V63Z$/);
  assert.match(said, /8 of 10 builds end after .* to .*, .*shaded/);
  const box = await page.$eval(".load svg", (one) => one.getBoundingClientRect().width / one.parentElement.getBoundingClientRect().width);
  assert.ok(box > 0.5 && box <= 1, "over the axis of the bars");
  await page.focus("#cores");
  await page.keyboard.press("Home");
  assert.notEqual(await area(), before);
  assert.match(await page.textContent(".busy .what"), /of \d+$/);
  assert.match(await range(), /for other settings the range is not known/);
}

/** Every node has its graph, and rows and lines say for which platform and how often. */
async function nodes(page) {
  assert.deepEqual(await page.$$eval('[data-panel="graph"] h3', (all) => all.map((one) => one.textContent)), ["amd64", "arm64"]);
  assert.equal(await page.$$eval("figure > svg", (all) => all.length), 2);
  const tags = await page.$$eval(".bar", (all) => all.map((one) => one.querySelector(".for")?.textContent));
  assert.deepEqual([...new Set(tags)].sort(), ["amd64", "arm64"], "every bar says for whom");
  const platforms = await page.$$eval('tbody td[data-key="platforms"]', (all) => all.map((one) => one.textContent));
  assert.deepEqual([...new Set(platforms)].sort(), ["amd64", "arm64"]);
  assert.ok((await page.$$eval(".line .count", (all) => all.map((one) => one.textContent))).every((text) => text === "×2"), "each node runs it");
  assert.match(await page.textContent(".facts"), /on each of 2 nodes/);
  assert.match(await page.textContent(".busy .what"), /of 8$/);
  const [first, second] = await page.$$eval("figure > svg", (all) => all.map((one) => one.querySelector("[data-steps]").dataset.steps));
  assert.notEqual(first, second, "steps of one node are not those of the other");
  await page.selectOption("#platforms", "1");
  assert.ok((await page.$$eval("[data-box].is-left-out", (all) => all.length)) > 0, "the other node rests");
}

async function keyboard(page) {
  await page.focus(".line[data-steps]");
  await page.keyboard.press("ArrowDown");
  const second = await page.evaluate(() => document.activeElement.dataset.steps);
  assert.equal(second, await page.$$eval(".line[data-steps]", (all) => all[1].dataset.steps));
  assert.deepEqual(await lit(page, "file").then((steps) => steps.length > 0), true, "focus lights");
  await page.keyboard.press("Enter");
  assert.equal(await page.getAttribute('[aria-current="true"]', "data-steps"), second);
  await page.keyboard.press("End");
  await page.keyboard.press("Escape");
  assert.equal(await page.$('[aria-current="true"]'), null, "escape lets go");
  // Everything that can be pointed at is one tab stop for each panel.
  for (const panel of ["file", "graph", "time", "steps"]) {
    const stops = await page.$$eval(`[data-panel="${panel}"] [data-steps][tabindex="0"]`, (all) => all.length);
    assert.equal(stops, 1, `tab stops of ${panel}`);
  }
  await page.focus("[data-box][tabindex='0']");
  await page.keyboard.press("ArrowDown");
  assert.ok((await lit(page, "time")).length > 0, "a box by keyboard lights bars");
  await page.focus('th[data-key="time"] button');
  await page.keyboard.press("Enter");
  assert.equal(await page.getAttribute('th[data-key="time"]', "aria-sort"), "descending");
}

async function table(page) {
  const column = (key) => page.$$eval(`tbody tr:not([hidden]) td[data-key="${key}"]`, (all) => all.map((one) => one.textContent));
  const lines = (await column("line")).map((text) => (text ? Number.parseInt(text, 10) : Infinity));
  assert.deepEqual(lines, [...lines].sort((a, b) => a - b), "by line at first");
  const seconds = (text) => {
    const amounts = [...text.matchAll(/([\d.]+) (h|ms|m|s)/g)];
    return amounts.reduce((sum, [, amount, unit]) => sum + amount * { h: 3600, m: 60, s: 1, ms: 0.001 }[unit], 0);
  };
  await page.click('th[data-key="time"]');
  const times = (await column("time")).map(seconds);
  assert.deepEqual(times, [...times].sort((a, b) => b - a), "by time, the longest first");
  const all = times.length;
  await page.fill('[data-is="filter"]', "run");
  const found = (await column("step")).length;
  assert.ok(found > 0 && found < all, `${found} of ${all} steps`);
  assert.match(await page.textContent('[data-is="count"]'), new RegExp(`^${found} of ${all} `));
  await page.fill('[data-is="filter"]', "");
  await page.check('[data-is="critical"]');
  assert.ok((await column("step")).length < all);
}

/** Nothing of the file runs, and all of it can be read. */
async function harmless(page, shown) {
  for (const selector of [".line code", ".line[data-steps]", "[data-box]", ".bar", "tr[data-steps]:not([hidden])"]) {
    for (const one of (await page.$$(selector)).slice(0, 8)) await one.hover({ force: true });
  }
  await page.selectOption("#platforms", "1");
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate("typeof pwned"), "undefined", "nothing ran");
  const foreign = await page.$$eval("img, iframe, object, embed, a, link, base, form", (all) => all.length);
  assert.equal(foreign, 0, "no element of the file's");
  assert.equal(await page.$$eval("script", (all) => all.length), shown.dockerfiles.length + 1);
  const inert = await page.$$eval("*", (all) => all.filter((one) => [...one.attributes].some(({ name }) => name.startsWith("on"))).length);
  assert.equal(inert, 0, "no handler in markup");
  const lines = await page.$$eval(".line code", (all) => all.map((one) => one.textContent));
  const written = shown.dockerfiles.flatMap((text) => text.replace(/\n$/, "").split("\n"));
  assert.deepEqual(lines, written, "every line shows as it is written");
  assert.match(await page.textContent("header"), /<script>pwned=1/);
}

/** Builds beside each other: a step lights what it became, and the settings re-time all of them on one axis. */
async function comparison(page, shown) {
  const builds = shown.dockerfiles.length;
  const makespans = () => page.$$eval('[data-is="makespan"]', (all) => all.map((one) => one.textContent));
  const before = await makespans();
  assert.equal(before.length, builds);
  const aligned = await page.$eval('[data-panel="changes"] tr[data-steps]:not([data-before=""]):not([data-later=""])', (row) => ({ ...row.dataset }));
  const [first, later] = [aligned.before.split(" ")[0], aligned.later.split(" ")[0]];
  await page.hover(`.line[data-steps~="${first}"] code`, { force: true });
  assert.ok(await page.$(`.line.lit[data-steps~="${later}"]`), "the line that it became is lit");
  assert.ok(await page.$(`[data-panel="changes"] tr.lit`), "and its row");
  const gains = () => page.$$eval('[data-key="gain"]', (all) => all.map((one) => one.textContent).join());
  const gained = await gains();
  await page.focus("#cores");
  await page.keyboard.press("Home");
  const after = await makespans();
  before.forEach((time, at) => assert.notEqual(after[at], time, `build ${at} is re-timed`));
  assert.notEqual(await gains(), gained, "and so is what steps gain");
  const places = await page.$$eval(".axis", (all) => all.map((axis) => axis.textContent));
  assert.equal(new Set(places).size, 1, "one axis for all");
  const rows = () => page.$$eval('[data-panel="changes"] tbody tr:not([hidden])', (all) => all.length);
  const shownRows = await rows();
  await page.check('[data-is="kept"]');
  assert.ok((await rows()) > shownRows, "what is kept can be seen, too");
}

async function layout(shown) {
  for (const colorScheme of SCHEMES) {
    const page = await open(shown, WIDTHS[0], colorScheme);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(100);
      const at = `${shown.name} at ${width} px, ${colorScheme}`;
      for (const problem of await page.evaluate(overflow)) failures.push(`${at}: ${problem}`);
      for (const problem of await page.evaluate(contrast)) failures.push(`${at}: ${problem}`);
      await page.screenshot({ path: `${order.folder}/${shown.name}-${width}-${colorScheme}.png`, fullPage: true });
    }
    await page.close();
  }
}

/** A page of what really happened: a picture and lists, and nothing that runs. */
async function observed(page) {
  assert.equal(await page.evaluate(() => globalThis.pwned), undefined, "nothing in a log runs");
  assert.equal(await page.$("script"), null, "the page has no script");
  const picture = await page.$eval("figure svg", (one) => one.getBoundingClientRect().toJSON());
  assert.ok(picture.width > 300 && picture.height > 60, `a picture of ${picture.width} × ${picture.height}`);
  assert.ok((await page.$$eval("section > h1", (all) => all.map((one) => one.textContent.trim()))).every(Boolean));
  assert.ok((await page.$$("table tr")).length > 1, "a list of steps");
}

async function printing(page, shown) {
  await page.emulateMedia({ media: "print" });
  const clipped = await page.$$eval(".scroll", (all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1).length);
  assert.equal(clipped, 0, "all of a panel is printed");
  assert.equal(await page.isVisible('[data-is="settings"]'), false, "no controls on paper");
  const sheet = await page.pdf({ path: `${order.folder}/${shown.name}.pdf`, format: "A4", margin: { top: "1cm", bottom: "1cm", left: "1cm", right: "1cm" } });
  assert.ok(sheet.length > 10_000);
}

for (const shown of order.pages) {
  if (shown.kind === "hostile") {
    await check(shown, "harmless", harmless);
  } else if (shown.kind === "sample") {
    for (const [what, run] of Object.entries({ linking, signs, settings, costs, load, keyboard, table })) await check(shown, what, run);
  } else if (shown.kind === "nodes") {
    for (const [what, run] of Object.entries({ linking, nodes, costs, load })) await check(shown, what, run);
  } else if (shown.kind === "comparison") {
    await check(shown, "comparison", comparison);
  } else if (shown.kind === "observed") {
    await check(shown, "observed", observed);
  } else {
    await check(shown, "settings", async (page) => assert.ok(await makespan(page)));
    continue;
  }
  if (DRAWN.includes(shown.name)) await layout(shown);
  if (["all-emulated", "comparison"].includes(shown.name)) await check(shown, "printing", printing);
}
await browser.close();
if (failures.length > 0) {
  console.error([...new Set(failures)].slice(0, 40).join("\n"));
  process.exit(1);
}
