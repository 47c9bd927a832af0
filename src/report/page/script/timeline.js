/** About how wide the axis is on paper, in pixels. */
const PAPER = 400;

/** Patterns over the bars of commands that do not simply run natively, as in the other pictures. */
const PATTERNS = { cross: "url(#xsim-lines)", mixed: "url(#xsim-dots)", emulated: "url(#xsim-hatch-0)" };

/** The timeline: a row for each step that takes time, drawn anew for each run with what `style.css` says of a box. */
class Timeline {
  constructor(frame, data, partsOf) {
    this.data = data;
    this.partsOf = partsOf;
    this.frame = frame;
    this.axis = element("svg", { class: "axis", "aria-hidden": "true" });
    this.grid = element("svg", { class: "grid", "aria-hidden": "true" });
    this.rows = this.order().map((step) => this.row(step));
    const head = element("div", { class: "chart-head" }, this.axis);
    const rows = element("ol", {}, ...this.rows.map((row) => row.shown));
    this.ends = element("svg", { class: "ends" });
    this.cores = element("span", { class: "what" });
    this.load = element("svg", { class: "load", "aria-hidden": "true" });
    const load = element("div", { class: "busy" }, this.cores, this.load);
    this.range = element("p", { class: "remark" });
    frame.append(element("div", { class: "chart" }, head, this.grid, rows, this.ends, load), this.range);
    this.width = 0;
    new ResizeObserver(() => this.resize()).observe(head);
    addEventListener("beforeprint", () => this.drawGround(PAPER));
    addEventListener("afterprint", () => this.drawGround());
  }

  /** The steps that take time, by their beginning in the run that was asked for. */
  order() {
    const first = new Map();
    this.data.parts.forEach((part, at) => {
      const time = this.data.runs[this.data.base].parts[at];
      if (time) first.set(part.step, Math.min(first.get(part.step) ?? Infinity, time.ready + time.wait));
    });
    return [...first.keys()].sort((a, b) => first.get(a) - first.get(b) || a - b);
  }

  row(step) {
    const { class: kind, keyword, label, tag, line } = this.data.steps[step - this.data.first_step];
    const drawn = this.partsOf.get(step).map((part) => ({
      part,
      wait: element("rect", { class: "wait", y: 7, height: 6 }),
      box: element("rect", { class: "box", y: 2, height: 16, rx: 2 }),
      band: element("rect", { class: "band", y: 2, height: 16, rx: 2 }),
      hatch: kind in PATTERNS ? element("rect", { fill: PATTERNS[kind], y: 2, height: 16, rx: 2 }) : null,
    }));
    const text = element("text", { class: "small", y: 14, dx: 5 });
    const group = element("g", { class: kind }, ...drawn.flatMap((one) => [one.wait, one.box, one.band, one.hatch ?? ""]), text);
    const track = element("svg", { class: "track", "aria-hidden": "true" }, group);
    const number = element("span", { class: "number" }, line > 0 ? `${line}` : "");
    const what = element("span", { class: "what" }, number, element("b", {}, keyword), element("span", { class: "label" }, label));
    if (tag) what.append(element("span", { class: "for" }, tag));
    const shown = element("li", { class: "bar", "data-steps": step }, what, track);
    return { shown, drawn, text, group, step, what: `${keyword} ${label}${tag ? ` for ${tag}` : ""}` };
  }

  /** Draws a run on an axis that ends a little after `end`. */
  draw(run, end) {
    this.run = run;
    this.end = end * 1.04;
    const critical = new Set(run.path);
    const place = (rect, from, length, isSeen) => {
      rect.setAttribute("x", `${(100 * from) / this.end}%`);
      rect.style.width = isSeen ? `max(2px, ${(100 * length) / this.end}%)` : "0";
    };
    for (const row of this.rows) {
      let [finish, time] = [0, 0];
      for (const { part, wait, box, band, hatch } of row.drawn) {
        const at = run.parts[part];
        place(wait, at ? at.ready : 0, at ? at.wait : 0, at && at.wait > 0);
        for (const rect of [box, band, hatch]) {
          if (rect) place(rect, at ? at.ready + at.wait : 0, at ? at.length : 0, at && at.length > 0);
        }
        if (!at) continue;
        finish = Math.max(finish, at.ready + at.wait + at.length);
        time += at.length;
      }
      const isBuilt = row.drawn.some(({ part }) => run.parts[part]);
      row.shown.classList.toggle("is-left-out", !isBuilt);
      row.group.classList.toggle("critical", row.drawn.some(({ part }) => critical.has(part)));
      row.text.setAttribute("x", `${(100 * finish) / this.end}%`);
      row.text.textContent = isBuilt ? duration(time * this.data.unit) : "";
      row.shown.setAttribute("aria-label", `${row.what}: ${isBuilt ? duration(time * this.data.unit) : "not built"}`);
    }
    this.drawLoad();
    this.sayRange();
    this.drawGround();
  }

  /** How many cores are busy, as an area over the same axis. */
  drawLoad() {
    const { data, run } = this;
    const own = Math.floor(data.base / data.platforms.length) % data.cores.length;
    const at = Math.floor(data.runs.indexOf(run) / data.platforms.length) % data.cores.length;
    const all = data.all_cores * (data.cores[at] / data.cores[own]);
    this.cores.textContent = `busy cores, of ${Math.round(all * 100) / 100}`;
    const heights = [...run.load].map((digit) => 63 - DIGITS.indexOf(digit));
    const steps = heights.map((height, part) => `V${height}H${part + 1}`).join("");
    const area = element("path", { class: "area", d: `M0 63${steps}V63Z` });
    const box = { viewBox: `0 0 ${heights.length} 63`, preserveAspectRatio: "none", width: `${(100 * run.makespan) / this.end}%`, height: "100%" };
    this.load.replaceChildren(element("svg", box, area));
  }

  /** Between when most builds end: known for the settings that were given. */
  sayRange() {
    const { data, run } = this;
    const [p10, p90] = data.range.map((end) => duration(end * data.unit));
    const words = `8 of 10 builds end after ${p10} to ${p90}`;
    const isBase = run === data.runs[data.base];
    const shaded = data.range[1] > this.end ? "shaded as far as the axis goes" : "which is shaded";
    this.range.textContent = isBase
      ? `Bars are the medians of their steps; ${words}, ${shaded}.`
      : `Bars are the medians of their steps. As given, ${words}; for other settings the range is not known.`;
  }

  resize() {
    const width = this.grid.getBoundingClientRect().width;
    if (Math.abs(width - this.width) < 1 || !this.run) return;
    this.width = width;
    this.drawGround();
  }

  /** Ticks, when each platform is done, and the range of the end. */
  drawGround(width = this.grid.getBoundingClientRect().width || PAPER) {
    const at = (time) => `${(100 * time) / this.end}%`;
    const all = ticks(this.end * this.data.unit, Math.max(2, Math.floor(width / 60)));
    const places = all.map((tick) => [at(tick / this.data.unit), instant(tick)]);
    this.axis.replaceChildren(...places.map(([x, text]) => element("text", { class: "small", x, y: 13, dx: 3 }, text)));
    const lines = places.map(([x]) => element("line", { class: "tick", x1: x, x2: x, y1: 0, y2: "100%" }));
    const [p10, p90] = this.data.range;
    const range = { class: "range", x: at(p10), width: at(Math.max(0, Math.min(p90, this.end) - p10)), y: 0, height: "100%" };
    const title = element("title", {}, "8 of 10 builds end in here");
    const ranges = this.run === this.data.runs[this.data.base] ? [element("rect", range, title)] : [];
    const finishes = this.finishes();
    const marks = finishes.map(({ end }) => element("line", { class: "finish", x1: at(end), x2: at(end), y1: 0, y2: "100%" }));
    this.grid.replaceChildren(...ranges, ...lines, ...marks);
    const label = ({ end, names }, row) => {
      const isLate = end > this.end / 2;
      const place = { x: at(end), y: 12 + 15 * row, dx: isLate ? -4 : 4, "text-anchor": isLate ? "end" : "start" };
      return element("text", { class: "small", ...place }, `${names} done`);
    };
    const labels = finishes.map(label);
    this.ends.setAttribute("height", 15 * labels.length + 4);
    this.ends.replaceChildren(...labels);
  }

  /** When which platforms are done, in time; those that are done together stand together. */
  finishes() {
    const names = new Map();
    this.run.finish.forEach((end, target) => {
      if (end > 0) names.set(end, [...(names.get(end) ?? []), this.data.targets[target]]);
    });
    const sorted = [...names].sort(([a], [b]) => a - b);
    return sorted.map(([end, all]) => ({ end, names: all.length > 1 && all.length === this.data.targets.length ? "all platforms" : all.join(", ") }));
  }
}
