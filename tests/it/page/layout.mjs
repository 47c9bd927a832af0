// What must hold of a page's layout at any width. These functions run in the page.

/** What is wider than the page or than what holds it. */
export function overflow() {
  const problems = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    problems.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  }
  for (const panel of document.querySelectorAll(".panel, .facts, .settings, .steps, .legend, .changes, .numbers, header, footer")) {
    const box = panel.getBoundingClientRect();
    if (box.left < -0.5 || box.right > width + 0.5) problems.push(`${panel.className} reaches from ${box.left} to ${box.right}`);
  }
  const boxes = [...document.querySelectorAll(".panel, .facts, .settings, .steps, .legend, .changes, .numbers")].map((one) => one.getBoundingClientRect());
  boxes.forEach((a, at) => {
    for (const b of boxes.slice(at + 1)) {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 1) problems.push(`two parts overlap by ${across} × ${down} px`);
    }
  });
  // Bars begin and end within their track.
  for (const track of document.querySelectorAll(".track")) {
    const frame = track.getBoundingClientRect();
    for (const bar of track.querySelectorAll(".box")) {
      const box = bar.getBoundingClientRect();
      if (box.left < frame.left - 2.5 || box.right > frame.right + 2.5) problems.push(`a bar leaves its track: ${box.left} to ${box.right}`);
    }
  }
  return problems;
}

/** Texts of the page, those of pictures excepted, with less contrast than 4.5 to 1. */
export function contrast() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 250) return colour;
    }
    return [255, 255, 255, 255];
  };
  const problems = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("script, figure, noscript, title, option") || element.offsetParent === null) continue;
    if (element.closest("button:disabled")) continue;
    seen += 1;
    const style = getComputedStyle(element);
    const isDrawn = element instanceof SVGElement;
    const [a, b] = [luminance(rgba(isDrawn ? style.fill : style.color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) problems.add(`contrast ${ratio.toFixed(1)} of ${element.className.baseVal ?? element.className} "${texts.currentNode.data.trim().slice(0, 30)}"`);
  }
  if (seen < 25) problems.add(`only ${seen} texts were found`);
  return [...problems];
}
