// The server's pages: the key, problems, models, and the controls of depth.

import { byId, element } from "./elements.js";
import { Refusal, key, listModels, setKey } from "./server.js";
import { word } from "./words.js";

/** Several texts, joined with the separator of the page's language. */
export const listed = (texts) => texts.join(word("list.separator"));

/** Shows the message of a failure, or clears it. After status 401 or 403, also shows the field for the key. */
export function showProblem(failure) {
  const place = byId("problem");
  if (!failure) {
    place.hidden = true;
    place.textContent = "";
    return;
  }
  if (!(failure instanceof Refusal)) throw failure;
  if (failure.status === 401 || failure.status === 403) byId("access").hidden = false;
  if (place.textContent !== failure.message) place.textContent = failure.message;
  place.hidden = false;
}

/** Starts a page: reads the key, lists the models, and calls back once they are known, again after a new key. */
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

/** Hides elements about recursion if no model has several recursions, and those about routers if no model has a router. */
export function mark(models) {
  document.body.classList.toggle("one-pass", models.every((model) => model.meta.num_recursions < 2));
  document.body.classList.toggle("unrouted", models.every((model) => model.meta.routing === "none"));
}

/** Calls back with the chosen model, now and at every change; with a single model, hides the choice. */
export function chooseModel(models, onModel) {
  const choice = byId("model-choice");
  choice.replaceChildren(...models.map((model) => element("option", { value: model.id }, model.id)));
  byId("model-field").hidden = models.length < 2;
  const take = (model) => {
    mark([model]);
    if (models.length > 1) document.querySelector("link[href^=depths]").href = "depths.css?recursions=" + model.meta.num_recursions;
    onModel(model);
  };
  choice.onchange = () => take(models.find((model) => model.id === choice.value));
  take(models[0]);
}

/** Sets the controls of depth to the model's range and defaults. */
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

/** The request fields that the controls of depth set. */
export function dialed() {
  const asked = {};
  if (!byId("effort-field").hidden) asked.effort = Number(byId("effort").value);
  if (!byId("depth-field").hidden && byId("max-depth").value !== "") asked.max_depth = Number(byId("max-depth").value);
  return asked;
}
