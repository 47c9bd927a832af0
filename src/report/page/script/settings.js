/** The settings: which of the simulated runs is shown. */
class Settings {
  constructor(panel, builds, onChange) {
    this.builds = builds;
    this.onChange = onChange;
    // Builds side by side were explored under the same settings.
    const { data } = builds[0];
    this.data = data;
    const { slowdowns, cores, platforms } = data;
    const [base, rest] = [data.base, Math.floor(data.base / platforms.length)];
    this.start = {
      slowdown: Math.floor(rest / cores.length),
      cores: rest % cores.length,
      platforms: base % platforms.length,
    };
    const control = (axis) => panel.querySelector(`[data-axis="${axis}"]`);
    const choose = platforms.map((set, at) => element("option", { value: at }, this.platformWords(set)));
    control("platforms").querySelector("select").append(...choose);
    this.controls = {
      slowdown: this.control(control("slowdown"), slowdowns, (at) => this.slowdownWords(at)),
      cores: this.control(control("cores"), cores, (at) => this.coreWords(at)),
      platforms: this.control(control("platforms"), platforms, () => ""),
    };
    this.reset = panel.querySelector('[data-is="reset"]');
    this.reset.addEventListener("click", () => this.set(this.start));
    this.result = panel.querySelector('[data-is="result"]');
  }

  control(panel, stops, words) {
    const input = panel.querySelector("input, select");
    panel.hidden = stops.length < 2;
    if (input.type === "range") input.max = stops.length - 1;
    input.addEventListener("input", () => this.change());
    return { input, output: panel.querySelector("output"), words };
  }

  slowdownWords(at) {
    // The first build may emulate nothing.
    const slowdowns = this.data.slowdowns.map((_, stop) => Math.max(...this.builds.map((build) => build.data.slowdowns[stop])));
    const amount = slowdowns[at] <= 1 ? "no slow-down" : `${slowdowns[at].toFixed(1)} times slower`;
    return at === this.start.slowdown ? `${amount}, as estimated` : amount;
  }

  coreWords(at) {
    const cores = this.data.cores[at];
    return at === this.start.cores ? `${cores}, as given` : `${cores}`;
  }

  platformWords(set) {
    const { targets } = this.data;
    if (set.length === targets.length) return set.length === 1 ? targets[0] : set.length === 2 ? "both platforms" : `all ${set.length} platforms`;
    if (set.length === 1) return `only ${targets[set[0]]}`;
    const left = targets.filter((_, at) => !set.includes(at));
    return `without ${left.join(", ")}`;
  }

  set(stops) {
    for (const [axis, stop] of Object.entries(stops)) this.controls[axis].input.value = stop;
    this.change();
  }

  change() {
    const stop = {};
    for (const [axis, { input, output, words }] of Object.entries(this.controls)) {
      stop[axis] = Number(input.value);
      if (!output) continue;
      output.textContent = words(stop[axis]);
      input.setAttribute("aria-valuetext", output.textContent);
    }
    const { cores, platforms, base } = this.data;
    const at = (stop.slowdown * cores.length + stop.cores) * platforms.length + stop.platforms;
    this.reset.disabled = at === base;
    this.onChange(at);
    this.say(at === base);
  }

  /** How long each build takes: alone beside what was asked for, others beside the first. */
  say(isBase) {
    const [first] = this.builds;
    const lines = this.builds.map((build, at) => {
      const time = build.seconds(build.run.makespan);
      const than = at > 0 ? first.seconds(first.run.makespan) : build.seconds(build.base.makespan);
      const words = at === 0 && isBase ? "as asked for" : difference(time, than);
      const makespan = element("strong", { "data-is": "makespan" }, duration(time));
      const changed = element("span", { class: direction(time - than), "data-is": "difference" }, words);
      const letter = this.builds.length > 1 ? [element("span", { class: "letter" }, build.letter)] : [];
      return element("span", { class: "time" }, ...letter, makespan, " ", changed);
    });
    this.result.replaceChildren(element("span", {}, "The build that is shown:"), " ", ...lines);
  }
}

/** What a time is more or less than another. */
function difference(time, than) {
  if (Math.abs(time - than) < 0.001) return "no difference";
  const share = than > 0 ? Math.round((100 * Math.abs(time - than)) / than) : 0;
  return `${duration(Math.abs(time - than))} ${time > than ? "more" : "less"} (${share} %)`;
}

/** The class of a difference. */
function direction(difference) {
  return difference > 0.001 ? "is-more" : difference < -0.001 ? "is-less" : "";
}
