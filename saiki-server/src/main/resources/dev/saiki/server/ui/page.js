// What all pages share: elements, numbers, the key, problems, and the dial.

import { Refusal, key, listModels, setKey } from "./server.js";
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

/** Several texts in a row, as the language puts them. */
export const listed = (texts) => texts.join(word("list.separator"));

/** Says what went wrong, or that nothing is wrong any more. Who lacks a key, or has the wrong one, is asked for it. */
export function showProblem(failure) {
  const place = byId("problem");
  if (!failure) {
    place.hidden = true;
    place.textContent = "";
    return;
  }
  if (!(failure instanceof Refusal)) throw failure;
  const advice = { 401: word("problem.401"), 403: word("problem.403") };
  if (failure.status in advice) byId("access").hidden = false;
  const message = failure.message + (advice[failure.status] ?? "");
  if (place.textContent !== message) place.textContent = message;
  place.hidden = false;
}

/** Begins a page: reads the key, finds the models, and calls back when there are some, also after a new key. */
export function begin(onModels) {
  const input = byId("key");
  input.value = key();
  const find = async () => {
    let models;
    try {
      models = await listModels();
      showProblem(null);
    } catch (failure) {
      showProblem(failure);
      return;
    }
    byId("model").textContent = listed(models.map((model) => model.id));
    onModels(models);
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

/** Marks a page of models without recursion, or without a router, so that it leaves out what is about them. */
export function mark(models) {
  document.body.classList.toggle("one-pass", models.every((model) => model.meta.num_recursions < 2));
  document.body.classList.toggle("unrouted", models.every((model) => model.meta.routing === "none"));
}

/** Calls back with the model that is chosen, now and whenever another one is; there is no choice of one. */
export function chooseModel(models, onModel) {
  const choice = byId("model-choice");
  choice.replaceChildren(...models.map((model) => element("option", { value: model.id }, model.id)));
  byId("model-field").hidden = models.length < 2;
  const take = (model) => {
    mark([model]);
    onModel(model);
  };
  choice.onchange = () => take(models.find((model) => model.id === choice.value));
  take(models[0]);
}

/** Fills the dial: efforts that the model knows, and bounds on depth. */
export function setDial(model) {
  const { effort_grid: grid, default_effort: usual, num_recursions: recursions, routing } = model.meta;
  const dial = byId("effort");
  byId("effort-field").hidden = !grid;
  if (grid) Object.assign(dial, { min: grid[0], max: 1, step: 0.01, value: usual });
  dial.oninput = () => {
    byId("effort-value").textContent = Number(dial.value).toFixed(2);
  };
  dial.oninput();
  byId("depth-field").hidden = recursions < 2;
  const depths = Array.from({ length: recursions }, (_, index) => element("option", { value: index + 1 }, String(index + 1)));
  byId("max-depth").replaceChildren(element("option", { value: "" }, word(routing === "none" ? "dial.all" : "dial.asRouted")), ...depths);
}

/** What the dial asks for. */
export function dialed() {
  const asked = {};
  if (!byId("effort-field").hidden) asked.effort = Number(byId("effort").value);
  if (!byId("depth-field").hidden && byId("max-depth").value !== "") asked.max_depth = Number(byId("max-depth").value);
  return asked;
}
