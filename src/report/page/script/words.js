"use strict";

/** A time as people say it, in the words of the other reports: `350 ms`, `4.2 s`, `1 m 05 s`, `2 h 03 m`. */
function duration(seconds) {
  const two = (number) => String(Math.round(number)).padStart(2, "0");
  if (seconds === 0) return "0 s";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  if (seconds < 3599.5) {
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  }
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
}

/** An instant on an axis, without units that add nothing: `0`, `30 s`, `1 m 30 s`. */
function instant(seconds) {
  const ms = Math.round(seconds * 1000);
  const parts = [
    [Math.floor(ms / 3600000), "h"],
    [Math.floor((ms % 3600000) / 60000), "m"],
    [Math.floor((ms % 60000) / 1000), "s"],
    [ms % 1000, "ms"],
  ];
  const words = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`);
  return words.join(" ") || "0";
}

/** Distances of ticks that read well, in seconds. */
const TICKS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10800, 21600, 43200,
];

/** At most `count` instants and one more, from zero to `end`. */
function ticks(end, count) {
  const least = end / count;
  const step = TICKS.find((tick) => tick >= least) ?? Math.ceil(least / 86400) * 86400;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step);
}

/** The digits in which the page counts to 63. */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** What a step costs, as its box says it: `24 s · 83 %`. What runs side by side may take longer than the build. */
function cost(seconds, share) {
  const percent = share * 100;
  if (percent > 100.5) return duration(seconds);
  return `${duration(seconds)} · ${percent < 0.5 ? "< 1" : Math.round(percent)} %`;
}

/** A new element with a class, attributes and children; texts among the children stay texts. */
function element(name, attributes = {}, ...children) {
  const isDrawing = ["svg", "rect", "line", "text", "g", "title", "path"].includes(name);
  const made = isDrawing
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
