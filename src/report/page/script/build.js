/** A build: its file, graph and timeline show the run that the settings choose. */
class Build {
  constructor(section) {
    const part = (name) => section.querySelector(`[data-is="${name}"]`);
    this.letter = section.dataset.letter;
    this.data = JSON.parse(part("data").textContent);
    for (const run of this.data.runs) run.parts = partsOf(run.times, this.data.parts.length);
    this.partsOf = new Map();
    this.data.parts.forEach((part, at) => this.partsOf.set(part.step, [...(this.partsOf.get(part.step) ?? []), at]));
    this.base = this.data.runs[this.data.base];
    this.run = this.base;
    this.boxes = markBoxes(part("pictures"), this.data);
    this.lines = linesOf(part("pictures"), this.data);
    showPictures(part);
    this.timeline = new Timeline(part("timeline"), this.data, this.partsOf);
  }

  /** What is known of a step, if it is this build's. */
  step(number) {
    return this.data.steps[number - this.data.first_step];
  }

  /** What a step does in the run that is shown: when it begins, how long it waits and works; null if nothing. */
  time(number) {
    const parts = (this.partsOf.get(number) ?? []).map((at) => this.run.parts[at]).filter(Boolean);
    if (parts.length === 0) return null;
    return {
      start: Math.min(...parts.map((part) => part.ready + part.wait)),
      wait: parts.reduce((sum, part) => sum + part.wait, 0),
      work: parts.reduce((sum, part) => sum + part.length, 0),
    };
  }

  /** The steps on which the end of the run that is shown depends. */
  path() {
    return new Set(this.run.path.map((part) => this.data.parts[part].step));
  }

  /** Shows the run number `at`; the axis of time ends at `end` seconds. */
  draw(at, end) {
    this.run = this.data.runs[at];
    this.timeline.draw(this.run, end / this.data.unit);
    markPath(this);
  }

  seconds(units) {
    return units * this.data.unit;
  }
}

/** For each part when it is ready, how long it then waits and how long it works; null for parts that are not built. */
function partsOf(times, count) {
  const parts = [];
  for (let at = 0; parts.length < count; ) {
    if (times[at] < 0) {
      parts.push(null);
      at += 1;
    } else {
      parts.push({ ready: times[at], wait: times[at + 1], length: times[at + 2] });
      at += 3;
    }
  }
  return parts;
}

/** Tells each box of each picture its steps. */
function markBoxes(frame, data) {
  const pictures = [...frame.querySelectorAll("figure > svg")];
  return pictures.flatMap((picture, number) =>
    [...picture.querySelectorAll("[data-box]")].flatMap((box) => {
      const steps = data.boxes[number][Number(box.dataset.box)];
      if (!steps || steps.length === 0) return [];
      box.dataset.steps = steps.join(" ");
      return [{ box, steps }];
    }),
  );
}

/** Lets pictures be seen whole, as at first, or in full size, from their first box. */
function showPictures(part) {
  const [frame, fit] = [part("pictures"), part("fit")];
  const pictures = [...frame.querySelectorAll("figure > svg")];
  const sizes = pictures.map((picture) => picture.viewBox.baseVal.width);
  const room = () => frame.clientWidth - 16;
  const show = (isWhole) => {
    pictures.forEach((picture, at) => {
      picture.style.width = `${isWhole ? Math.min(sizes[at], room()) : sizes[at]}px`;
    });
    fit.setAttribute("aria-pressed", isWhole);
  };
  fit.addEventListener("click", () => {
    show(fit.getAttribute("aria-pressed") !== "true");
    const first = frame.querySelector("[data-steps]")?.getBoundingClientRect();
    const outer = frame.getBoundingClientRect();
    if (first) frame.scrollLeft += first.left + first.width / 2 - outer.left - outer.width / 2;
  });
  fit.hidden = sizes.every((size) => size <= room());
  show(true);
  addEventListener("beforeprint", () => pictures.forEach((picture) => picture.style.removeProperty("width")));
}

/** What a picture draws between boxes: lines with the steps at their ends, and the arms of forks with their lines. */
function linesOf(frame, data) {
  return [...frame.querySelectorAll("figure > svg")].map((picture, number) => {
    const stepsOf = (box) => data.boxes[number][Number(box)] ?? [];
    const drawn = [...picture.querySelectorAll("[data-edge]")].map((line) => ({
      line,
      edge: line.dataset.edge,
      from: stepsOf(line.dataset.from),
      to: stepsOf(line.dataset.to),
      result: stepsOf(line.dataset.to).length === 0 ? picture.querySelector(`[data-box="${line.dataset.to}"]`) : null,
      wasCritical: line.firstElementChild.classList.contains("critical"),
    }));
    const fans = [...picture.querySelectorAll("[data-edges]")];
    return { drawn, fans: fans.map((fan) => ({ fan, edges: new Set(fan.dataset.edges.split(" ")) })) };
  });
}

/** Marks what the end of the run depends on and what the run does not build, and says what each box costs. */
function markPath(build) {
  const { boxes, lines, data, run, base } = build;
  const path = run.path.map((part) => data.parts[part].step);
  const critical = new Set(path);
  const timed = new Set(data.parts.map((part) => part.step));
  const built = new Set(data.parts.filter((_, at) => run.parts[at]).map((part) => part.step));
  for (const { box, steps } of boxes) {
    box.classList.toggle("critical", steps.some((step) => critical.has(step)));
    const isLeftOut = steps.every((step) => timed.has(step) && !built.has(step));
    box.classList.toggle("is-left-out", isLeftOut);
    const words = box.querySelector(".cost");
    if (!words || !steps.some((step) => timed.has(step))) continue;
    words.dataset.asGiven ??= words.textContent;
    const time = steps.reduce((sum, step) => sum + (build.time(step)?.work ?? 0), 0);
    const share = run.makespan > 0 ? time / run.makespan : 0;
    if (run === base) words.textContent = words.dataset.asGiven;
    else words.textContent = isLeftOut ? "" : cost(build.seconds(time), share);
  }
  const next = new Set(path.slice(1).map((step, at) => `${path[at]} ${step}`));
  const last = path[path.length - 1];
  for (const { drawn, fans } of lines) {
    const edges = new Set();
    const results = new Map();
    for (const { line, edge, from, to, result, wasCritical } of drawn) {
      const follows = () => from.some((a) => to.some((b) => next.has(`${a} ${b}`)));
      const isCritical = run === base ? wasCritical : result ? from.includes(last) : follows();
      if (isCritical) edges.add(edge);
      if (result) results.set(result, results.get(result) || isCritical);
      for (const part of line.children) part.classList.toggle("critical", isCritical);
    }
    for (const [result, isCritical] of results) result.classList.toggle("critical", isCritical);
    for (const { fan, edges: own } of fans) fan.classList.toggle("critical", [...own].some((edge) => edges.has(edge)));
  }
}
