// What all pages share: elements, numbers, the key, problems, and the dial.

import { Refusal, describeModel, key, setKey } from "./server.js";
import { word } from "./words.js";

export const byId = (id) => document.getElementById(id);

/** Makes an element; texts are texts, whatever stands in them. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(attribute, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export const percent = (share, decimals = 1) => (Number.isFinite(share) ? (100 * share).toFixed(decimals) + " %" : "–");

export const fixed = (value, decimals = 2) => (Number.isFinite(value) ? value.toFixed(decimals) : "–");

export const signed = (value, decimals = 2) => (value > 0 ? "+" : "") + fixed(value, decimals).replace("-", "−");

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
  return suffix === "" ? digits : digits + " " + suffix;
}

export function bytes(value) {
  if (!Number.isFinite(value)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return value.toFixed(unit === 0 || value >= 100 ? 0 : 1) + " " + units[unit];
}

/** One of the tiles: what it is, its value, and a word more. */
export function figure(name, value, more = "") {
  return element("div", {}, element("dt", {}, name), element("dd", { class: "value" }, value), element("dd", { class: "more" }, more));
}

/** Says what went wrong, or that nothing is wrong any more. */
export function showProblem(failure) {
  const place = byId("problem");
  if (!failure) {
    place.hidden = true;
    place.textContent = "";
    return;
  }
  if (!(failure instanceof Refusal)) throw failure;
  const advice = { 401: word("problem.401"), 403: word("problem.403") };
  const message = failure.message + (advice[failure.status] ?? "");
  if (place.textContent !== message) place.textContent = message;
  place.hidden = false;
}

let described;

/** Begins a page: reads the key, finds the model, and calls back when there is one, also after a new key. */
export function begin(onModel) {
  const input = byId("key");
  input.value = key();
  const find = async () => {
    try {
      described = await describeModel();
      showProblem(null);
    } catch (failure) {
      showProblem(failure);
      return;
    }
    byId("model").textContent = described.id;
    onModel(described);
  };
  input.addEventListener("change", () => {
    setKey(input.value.trim());
    find();
  });
  byId("access").addEventListener("submit", (event) => {
    event.preventDefault();
    input.blur();
    input.focus();
  });
  return find();
}

/** Fills the dial: efforts that the model knows, and bounds on depth. */
export function setDial(model) {
  const { effort_grid: grid, default_effort: usual, num_recursions: recursions } = model.meta;
  const dial = byId("effort");
  byId("effort-field").hidden = !grid;
  if (grid && dial.max !== "1") {
    Object.assign(dial, { min: grid[0], max: 1, step: 0.01, value: usual });
    const tell = () => {
      byId("effort-value").textContent = Number(dial.value).toFixed(2);
    };
    dial.addEventListener("input", tell);
    tell();
  }
  const depths = byId("max-depth");
  if (depths.options.length === 0) {
    depths.append(element("option", { value: "" }, word("dial.asRouted")));
    for (let depth = 1; depth <= recursions; depth++) depths.append(element("option", { value: depth }, String(depth)));
  }
}

/** What the dial asks for. */
export function dialed() {
  const asked = {};
  if (!byId("effort-field").hidden) asked.effort = Number(byId("effort").value);
  if (byId("max-depth").value !== "") asked.max_depth = Number(byId("max-depth").value);
  return asked;
}
