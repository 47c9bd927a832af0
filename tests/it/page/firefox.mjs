// The pages in Firefox, as `check.mjs` has them in Chromium: what depends on the browser. Reads what to look at from standard input.
import assert from "node:assert/strict";
import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { launch } from "puppeteer-core";
import { contrast, overflow } from "./layout.mjs";

const order = await json(process.stdin);
const WIDTHS = [380, 900, 1600];
const failures = [];
const browser = await launch({ browser: "firefox", executablePath: order.browser, headless: true });

async function open(shown) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1600, height: 900 });
  page.on("console", (message) => failures.push(`${shown.name}: console: ${message.text()}`));
  page.on("pageerror", (error) => failures.push(`${shown.name}: ${error}`));
  await page.goto(pathToFileURL(shown.file).href);
  return page;
}

const texts = (page, selector) => page.$$eval(selector, (all) => all.map((one) => one.textContent));

/** Nothing overflows, and every text can be read, at any width. */
async function layout(page, shown) {
  for (const width of WIDTHS) {
    await page.setViewport({ width, height: 900 });
    await new Promise((done) => setTimeout(done, 100));
    for (const problem of await page.evaluate(overflow)) failures.push(`${shown.name} at ${width} px: ${problem}`);
    for (const problem of await page.evaluate(contrast)) failures.push(`${shown.name} at ${width} px: ${problem}`);
    await page.screenshot({ path: `${order.folder}/${shown.name}-${width}-firefox.png` });
  }
  await page.setViewport({ width: 1600, height: 900 });
}

/** Pointing at a line lights its step everywhere; the settings re-time the build; the table sorts and filters. */
async function alive(page, shown) {
  const lines = await page.$$(".line[data-steps]");
  const step = await page.$$eval(".bar", (bars) => {
    const seen = (number) => document.querySelector(`.line[data-steps~="${number}"]`) && document.querySelector(`[data-box][data-steps~="${number}"]`);
    return bars.map((bar) => bar.dataset.steps).find(seen);
  });
  assert.ok(lines.length > 0 && step, "lines, and a step that all panels show");
  await page.$eval(`.line[data-steps~="${step}"] code`, (line) => line.scrollIntoView({ block: "center" }));
  await page.hover(`.line[data-steps~="${step}"] code`);
  for (const panel of shown.kind === "sample" ? ["file", "graph", "time", "steps"] : ["file", "graph", "time"]) {
    const lit = await page.$$eval(`[data-panel="${panel}"] .lit`, (all) => all.flatMap((one) => one.dataset.steps.split(" ")));
    assert.ok(lit.includes(step), `step ${step} is lit in ${panel}, not ${lit}`);
  }
  const ends = () => page.$$eval(".track .box", (all) => all.map((one) => Math.round(one.getBoundingClientRect().right)).join());
  const [before, times] = [await ends(), await texts(page, '[data-is="makespan"]')];
  await page.focus("#cores");
  await page.keyboard.press("Home");
  assert.notDeepEqual(await texts(page, '[data-is="makespan"]'), times, "fewer cores take longer");
  assert.notEqual(await ends(), before, "and bars end elsewhere");
  if (shown.kind !== "sample") return;
  const rows = () => texts(page, 'tbody tr:not([hidden]) td[data-key="time"]');
  const all = (await rows()).length;
  await page.$eval('th[data-key="time"] button', (button) => button.click());
  assert.equal(await page.$eval('th[data-key="time"]', (head) => head.getAttribute("aria-sort")), "descending");
  await page.focus('[data-is="filter"]');
  await page.keyboard.type("run");
  const found = (await rows()).length;
  assert.ok(found > 0 && found < all, `${found} of ${all} rows`);
}

/** Nothing in a file or log runs. */
async function harmless(page) {
  assert.equal(await page.evaluate(() => typeof globalThis.pwned), "undefined", "nothing ran");
}

/** The graph is whole at first, in its panel. */
async function graph(page) {
  const boxes = await page.$$eval("figure svg", (all) => all.map((one) => [one.getBoundingClientRect().width, one.closest("figure").getBoundingClientRect().width]));
  for (const [drawn, room] of boxes) assert.ok(drawn > 100 && drawn <= room + 1, `a graph of ${drawn} px in ${room} px`);
}

for (const shown of order.pages) {
  const page = await open(shown);
  const checks = { harmless, graph };
  if (shown.kind !== "huge") checks.layout = layout;
  if (["sample", "comparison"].includes(shown.kind)) checks.alive = alive;
  for (const [what, check] of Object.entries(checks)) {
    try {
      await check(page, shown);
    } catch (error) {
      failures.push(`${shown.name}: ${what}: ${error.message}`);
    }
  }
  await page.close();
}
await browser.close();
if (failures.length > 0) {
  console.error([...new Set(failures)].slice(0, 40).join("\n"));
  process.exit(1);
}
