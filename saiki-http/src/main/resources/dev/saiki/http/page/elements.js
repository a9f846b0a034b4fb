// Elements, numbers and times, the same on every page.

export const byId = (id) => document.getElementById(id);

/** Makes an element; strings are added as text, never as markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(attribute, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Joins a number and its unit, which no line break separates. */
const withUnit = (digits, unit) => digits + "\u00a0" + unit;

/** A share with one decimal, as every page writes it. */
export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  return share > 0 && share < 0.0005 ? withUnit("<\u00a00.1", "%") : withUnit((100 * share).toFixed(1), "%");
}

/** A share on the axis of a chart, where ticks are whole. */
export const wholePercent = (share) => withUnit((100 * share).toFixed(0), "%");

export const fixed = (value, decimals = 2) => (Number.isFinite(value) ? value.toFixed(decimals) : "–");

export const signed = (value, decimals = 2) => (value > 0 ? "+" : "") + fixed(value, decimals).replace("-", "−");

/** A time of day with its date, in the local time zone: 2026-11-25 09:30:00. */
export const moment = (time) => new Date(time).toLocaleString("sv-SE");

/** A time of day: 09:30:00. */
export const clock = (seconds) => new Date(1000 * seconds).toTimeString().slice(0, 8);

/** A duration given in milliseconds. */
export function duration(value) {
  if (!Number.isFinite(value)) return "–";
  return value < 1000 ? withUnit(fixed(value, value > 0 && value < 10 ? 1 : 0), "ms") : withUnit(fixed(value / 1000), "s");
}

/** With a metric prefix: 1.23 M. */
export function metric(value, unit = "") {
  if (!Number.isFinite(value)) return "–";
  const prefixes = ["", "k", "M", "G", "T", "P", "E"];
  let prefix = 0;
  let size = Math.abs(value);
  for (; size >= 999.5 && prefix < prefixes.length - 1; prefix++) size /= 1000;
  const decimals = (prefix === 0 && Number.isInteger(value)) || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const digits = (value < 0 ? "−" : "") + size.toFixed(decimals);
  const suffix = prefixes[prefix] + unit;
  return suffix === "" ? digits : withUnit(digits, suffix);
}

export function bytes(value) {
  if (!Number.isFinite(value)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return withUnit(value.toFixed(unit === 0 || value >= 100 ? 0 : 1), units[unit]);
}

/** A tile: a name, a value, and a remark. */
export function figure(name, value, more = "") {
  return element("div", {}, element("dt", {}, name), element("dd", { class: "value" }, value), element("dd", { class: "more" }, more));
}

/** The mark of a series in the key of its chart. */
export function lineKey(index) {
  return element("span", { class: "line s" + (index % 5), "aria-hidden": "true" });
}

/** The colours of a chart as uPlot wants them. */
export function chartStyle() {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  return { colour, axis };
}
