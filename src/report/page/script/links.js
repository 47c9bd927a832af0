/**
 * What belongs together: every element with `data-steps` shows those steps, and pointing at one lights all that show the
 * same. A click or Enter keeps them lit, Escape lets go. In each panel the arrow keys go from element to element.
 */
class Links {
  /** `partners` are pairs of a step and the steps that are lit with it. */
  constructor(root, partners, onPoint) {
    this.root = root;
    this.onPoint = onPoint;
    this.partners = new Map();
    for (const [step, steps] of partners) this.partners.set(step, [...(this.partners.get(step) ?? []), ...steps]);
    this.ofStep = new Map();
    this.lit = [];
    this.kept = null;
    this.panels = [...root.querySelectorAll("[data-panel]")];
    for (const shown of root.querySelectorAll("[data-steps]")) {
      for (const step of stepsOf(shown)) {
        if (!this.ofStep.has(step)) this.ofStep.set(step, []);
        this.ofStep.get(step).push(shown);
      }
    }
    for (const panel of this.panels) this.items(panel).forEach((item, at) => this.prepare(item, at));
    root.addEventListener("pointerover", (event) => this.point(holder(event.target)));
    root.addEventListener("pointerleave", () => this.point(null));
    root.addEventListener("focusin", (event) => this.focus(holder(event.target)));
    root.addEventListener("click", (event) => this.keep(holder(event.target)));
    root.addEventListener("keydown", (event) => this.key(event));
  }

  items(panel) {
    return [...panel.querySelectorAll("[data-steps]")].filter((item) => !item.hidden);
  }

  prepare(item, at) {
    item.setAttribute("tabindex", at === 0 ? "0" : "-1");
    if (item instanceof SVGElement) item.setAttribute("role", "button");
  }

  point(item) {
    if (item === this.pointed) return;
    this.pointed = item;
    this.light(item ?? this.kept);
    clearTimeout(this.timer);
    // A pointer on its way elsewhere moves nothing.
    if (item) this.timer = setTimeout(() => this.reveal(item.closest("[data-panel]")), 250);
  }

  light(item) {
    this.lit.forEach((shown) => shown.classList.remove("lit"));
    const own = item ? stepsOf(item) : [];
    const steps = [...new Set(own.flatMap((step) => [step, ...(this.partners.get(step) ?? [])]))];
    this.lit = steps.flatMap((step) => this.ofStep.get(step) ?? []);
    this.lit.forEach((shown) => shown.classList.add("lit"));
    this.root.classList.toggle("is-pointing", steps.length > 0);
    this.onPoint(steps);
  }

  focus(item) {
    if (!item) return;
    const panel = item.closest("[data-panel]");
    for (const other of this.items(panel)) other.setAttribute("tabindex", other === item ? "0" : "-1");
    this.light(item);
    if (item.matches(":focus-visible")) this.reveal(panel);
  }

  keep(item) {
    const same = item && item === this.kept;
    this.kept?.removeAttribute("aria-current");
    this.kept = same ? null : item;
    this.kept?.setAttribute("aria-current", "true");
    this.light(this.kept);
    if (this.kept) this.reveal(this.kept.closest("[data-panel]"));
  }

  /** Scrolls the other panels, and them alone, so that what is lit can be seen. */
  reveal(panel) {
    for (const other of this.panels) {
      const frame = other.querySelector(".scroll");
      const shown = frame && this.lit.find((item) => frame.contains(item));
      if (other === panel || !shown) continue;
      const [outer, inner] = [frame.getBoundingClientRect(), shown.getBoundingClientRect()];
      const isSeen = inner.top >= outer.top && inner.bottom <= outer.bottom;
      const isInside = inner.left >= outer.left && inner.right <= outer.right;
      frame.scrollTo({
        top: isSeen ? frame.scrollTop : frame.scrollTop + inner.top - outer.top - outer.height / 3,
        left: isInside ? frame.scrollLeft : frame.scrollLeft + inner.left - outer.left - outer.width / 3,
        behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
      });
    }
  }

  key(event) {
    if (event.key === "Escape" && this.kept) return this.keep(null);
    const item = event.target.closest("[data-steps]");
    if (!item || event.target !== item || event.altKey || event.ctrlKey || event.metaKey) return;
    const items = this.items(item.closest("[data-panel]"));
    const at = items.indexOf(item);
    const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 };
    if (event.key === "Enter" || event.key === " ") {
      this.keep(item);
    } else if (event.key in next) {
      items[Math.max(0, Math.min(items.length - 1, next[event.key]))].focus();
    } else {
      return;
    }
    event.preventDefault();
  }
}

/** The element around that shows steps. */
function holder(target) {
  return target instanceof Element ? target.closest("[data-steps]") : null;
}

function stepsOf(shown) {
  return shown.dataset.steps.split(" ").map(Number);
}
