/** The table of steps: its times follow the run, its rows can be sorted and filtered. */
class Table {
  constructor(panel, build) {
    this.build = build;
    this.body = panel.querySelector("tbody");
    this.rows = [...this.body.rows].map((shown) => ({ shown, step: Number(shown.dataset.steps), cells: cellsOf(shown) }));
    this.heads = [...panel.querySelectorAll("th")];
    this.key = "line";
    this.sign = 1;
    const part = (name) => panel.querySelector(`[data-is="${name}"]`);
    [this.filter, this.how, this.critical, this.count] = ["filter", "how", "critical", "count"].map(part);
    const ways = new Set(this.rows.map((row) => row.cells.how.textContent).filter(Boolean));
    this.how.append(...[...ways].sort().map((way) => element("option", {}, way)));
    for (const head of this.heads) head.addEventListener("click", () => this.sortBy(head));
    for (const control of [this.filter, this.how, this.critical]) {
      control.addEventListener("input", () => this.show());
    }
  }

  draw() {
    const { build } = this;
    const critical = build.path();
    const words = (time) => (time > 0 ? duration(build.seconds(time)) : "");
    for (const row of this.rows) {
      const time = build.time(row.step);
      row.sums = { start: time?.start ?? Infinity, wait: time?.wait ?? 0, time: time?.work ?? 0 };
      row.isCritical = critical.has(row.step);
      row.cells.start.textContent = time ? instantWords(build.seconds(time.start)) : "";
      row.cells.wait.textContent = words(row.sums.wait);
      row.cells.time.textContent = words(row.sums.time);
      const share = build.run.makespan > 0 ? row.sums.time / build.run.makespan : 0;
      row.cells.time.style.setProperty("--share", `${Math.min(100, share * 100)}%`);
      row.shown.classList.toggle("is-critical", row.isCritical);
    }
    this.show();
  }

  sortBy(head) {
    const { key } = head.dataset;
    // Amounts begin with the largest, words and lines with the first.
    const first = ["wait", "time"].includes(key) ? -1 : 1;
    this.sign = this.key === key ? -this.sign : first;
    this.key = key;
    for (const other of this.heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", this.sign > 0 ? "ascending" : "descending");
    this.show();
  }

  value(row) {
    if (this.key === "line") return this.build.step(row.step)?.line || Infinity;
    return this.key in row.sums ? row.sums[this.key] : row.cells[this.key].textContent.toLowerCase();
  }

  show() {
    const order = (a, b) => {
      const [left, right] = [this.value(a), this.value(b)];
      return left === right ? a.step - b.step : (left < right ? -1 : 1) * this.sign;
    };
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of [...this.rows].sort(order)) {
      const text = row.shown.textContent.toLowerCase();
      const isWanted =
        words.every((word) => text.includes(word)) &&
        (!this.how.value || row.cells.how.textContent === this.how.value) &&
        (!this.critical.checked || row.isCritical);
      row.shown.hidden = !isWanted;
      count += isWanted ? 1 : 0;
      this.body.append(row.shown);
    }
    this.count.textContent = count === this.rows.length ? `${count} steps` : `${count} of ${this.rows.length} steps`;
  }
}

function cellsOf(row) {
  return Object.fromEntries([...row.cells].map((cell) => [cell.dataset.key, cell]));
}

/** When a step starts; one that starts at once starts at 0. */
function instantWords(seconds) {
  return seconds === 0 ? "0" : duration(seconds);
}
