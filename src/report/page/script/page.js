/** Steps that are said in words at most. */
const MOST_SAID = 4;

/** Says what is pointed at, in words. */
function say(place, steps, builds) {
  place.hidden = steps.length === 0;
  const lines = steps.slice(0, MOST_SAID).flatMap((step) => {
    const build = builds.find((one) => one.step(step));
    if (!build) return [];
    const { keyword, label, line, class: kind, tag } = build.step(step);
    const time = build.time(step);
    const share = build.run.makespan > 0 ? Math.round((100 * (time?.work ?? 0)) / build.run.makespan) : 0;
    const facts = [
      line > 0 ? `line ${line}` : "",
      kind,
      tag ? `for ${tag}` : "",
      time?.work ? `${duration(build.seconds(time.work))}, ${share} % of the build` : "takes no time",
    ];
    return [`${keyword} ${label}`.trim(), facts.filter(Boolean).join(" · ")];
  });
  if (steps.length > MOST_SAID) lines.push(`and ${steps.length - MOST_SAID} more`);
  place.replaceChildren(...lines.map((line) => element("span", {}, line)));
}

/** Brings a page to life: its builds, its tables and what they share. */
function start(root) {
  const part = (name) => root.querySelector(`[data-is="${name}"]`);
  const builds = [...root.querySelectorAll("[data-build]")].map((section) => new Build(section));
  const changes = [...root.querySelectorAll('[data-is="changes"]')].map((panel) => new Changes(panel, builds));
  const tables = part("steps") ? [new Table(part("steps"), builds[0])] : changes;
  const partners = changes.flatMap((table) => table.partners());
  const links = new Links(root, partners, (steps) => say(part("pointed"), steps, builds));
  const settings = new Settings(part("settings"), builds, (at) => {
    const ends = builds.flatMap((build) => [build.base, build.data.runs[at]].map((run) => build.seconds(run.makespan)));
    builds.forEach((build) => build.draw(at, Math.max(...ends, 0.001)));
    tables.forEach((table) => table.draw());
    links.light(links.kept);
  });
  settings.set(settings.start);
}

start(document.querySelector("main"));
