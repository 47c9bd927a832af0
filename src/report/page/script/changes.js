/** The steps of two builds beside each other: what each takes in the runs that are shown, and what that gains. */
class Changes {
  constructor(panel, builds) {
    this.earlier = builds[0];
    this.later = builds[Number(panel.dataset.after)];
    const numbers = (text) => text.split(" ").filter(Boolean).map(Number);
    this.rows = [...panel.querySelectorAll("tbody tr")].map((shown) => ({
      shown,
      before: numbers(shown.dataset.before),
      after: numbers(shown.dataset.later),
      cells: [...shown.cells].slice(-3),
    }));
    const kept = panel.querySelector('[data-is="kept"]');
    kept.addEventListener("input", () => {
      for (const { shown } of this.rows) if ("kept" in shown.dataset) shown.hidden = !kept.checked;
    });
  }

  draw() {
    const seconds = (build, steps) => build.seconds(steps.reduce((sum, step) => sum + (build.time(step)?.work ?? 0), 0));
    for (const { before, after, cells } of this.rows) {
      const times = [seconds(this.earlier, before), seconds(this.later, after)];
      const gain = times[0] - times[1];
      // Less than a millisecond is less than the times are rounded to.
      const isSame = Math.abs(gain) < 0.001;
      cells[0].textContent = before.length > 0 ? duration(times[0]) : "";
      cells[1].textContent = after.length > 0 ? duration(times[1]) : "";
      cells[2].textContent = isSame ? "" : `${gain > 0 ? "" : "−"}${duration(Math.abs(gain))}`;
      cells[2].classList.toggle("is-less", !isSame && gain > 0);
      cells[2].classList.toggle("is-more", !isSame && gain < 0);
    }
  }

  /** Which steps became which: each step of a row leads to all of that row. */
  partners() {
    return this.rows.flatMap(({ before, after }) => [...before, ...after].map((step) => [step, [...before, ...after]]));
  }
}
