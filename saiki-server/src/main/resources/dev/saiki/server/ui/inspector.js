// A text, token by token: depths, the prediction after each recursion, and forced depths.

import { byId, bytes, element, figure, fixed, metric, percent, signed } from "./elements.js";
import { begin, chooseModel, dialed, listed, setDial, showProblem } from "./page.js";
import { postJson } from "./server.js";
import { tokenText, visible, writeLegend } from "./tokens.js";
import { word } from "./words.js";

const EXAMPLES = [
  "The ball is under cup a. Swap a and d. Swap b and c. Swap d and e. Where is the ball? Under cup",
  "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife.",
  "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money in my purse, I thought I would sail about a little and see the watery part of the world.",
  "The whale, the whale, the whale, the whale, the whale.",
  "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12",
];

/** Changes of log-probability below this, in nats, are never drawn in full colour. */
const SMALL_CHANGE = 0.1;

let seen = null;
let asked = {};
let here = 0;
/** Forced depths by position: those requested, and those of the displayed result. */
let forced = new Map();
let shown = new Map();

let model = null;

begin((models) => chooseModel(models, take));

function take(chosen) {
  model = chosen;
  setDial(model);
  byId("passage").setAttribute("aria-describedby", model.meta.routing === "none" ? "keys-plain" : "keys");
  byId("prompt-note").textContent = word("inspector.textNote", { tokens: model.max_inspect_len });
  byId("written").max = model.max_inspect_len - 1;
  markStale();
}

/** The request for the current content of the form. */
const request = () => ({ prompt: byId("prompt").value, max_tokens: Number(byId("written").value), temperature: 0, model: model.id, ...dialed() });

/** The request whose result is displayed, as JSON text. */
let inspected = null;

/** Marks the result as stale while it belongs to another request than the form's. */
function markStale() {
  const isStale = inspected !== null && inspected !== JSON.stringify(request());
  byId("stale").hidden = !isStale;
  byId("result").classList.toggle("is-stale", isStale);
}

byId("ask").addEventListener("input", () => model && markStale());
byId("again").addEventListener("click", () => byId("ask").requestSubmit());

for (const example of EXAMPLES) {
  byId("example").append(element("option", { value: example }, example.length > 60 ? example.slice(0, 59) + "…" : example));
}
byId("example").addEventListener("change", (event) => {
  if (event.target.value === "") return;
  byId("prompt").value = event.target.value;
  if (model) markStale();
});

/** Requests an inspection, and cancels the one in progress. Returns null if the request was refused or cancelled. */
let asking = null;
async function inspect(body, message) {
  asking?.abort();
  const own = new AbortController();
  asking = own;
  byId("working").textContent = message;
  byId("result").setAttribute("aria-busy", "true");
  try {
    const answer = await postJson("inspect", body, own.signal);
    showProblem(null);
    return answer;
  } catch (failure) {
    if (failure.name !== "AbortError") {
      forced = new Map(shown);
      if (seen) writeDetail();
      showProblem(failure);
    }
    return null;
  } finally {
    if (asking === own) {
      byId("working").textContent = "";
      byId("result").removeAttribute("aria-busy");
    }
  }
}

byId("prompt").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) byId("ask").requestSubmit();
});

byId("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!model) return;
  const body = request();
  const own = { model: model.id, ...dialed() };
  const answer = await inspect(body, word("inspector.reads"));
  if (!answer) return;
  asked = own;
  inspected = JSON.stringify(body);
  markStale();
  forced = new Map();
  here = 0;
  show(answer);
  byId("result").hidden = false;
  byId("passage").focus();
});

/** Forces the depth of the selected token; 0 returns it to the router. */
async function force(depth) {
  const token = seen.tokens[here];
  if (!canForce() || (forced.get(token.position) ?? 0) === depth) return;
  if (depth === 0) forced.delete(token.position);
  else forced.set(token.position, depth);
  const body = { prompt: seen.tokens.map((one) => one.id), depths: Object.fromEntries(forced), ...asked };
  const answer = await inspect(body, word("inspector.readsAgain"));
  if (!answer) return;
  const prompt = seen.prompt_tokens;
  for (const one of answer.tokens) one.written = one.position >= prompt;
  show({ ...answer, prompt_tokens: prompt });
  const change = answer.totals.logprob_change;
  say(
    depth === 0 ? word("inspector.left") : word("inspector.forcedTo", { depth }),
    change === undefined ? "" : word("inspector.restChanges", { change: signed(change) }),
  );
}

const canForce = () => seen.routing !== "none";

/** Whether the model has a single pass, and so no depths. */
const isOnePass = () => seen.num_recursions < 2;

function say(...sentences) {
  byId("said").textContent = sentences.join(word("list.space"));
}

function show(answer) {
  seen = answer;
  shown = new Map(forced);
  const hasChanges = answer.totals.logprob_change !== undefined;
  byId("by-change").disabled = !hasChanges;
  if (!hasChanges) document.querySelector("input[name=colour][value=depth]").checked = true;
  writeTotals();
  writeKeys();
  writePassage();
  writeDetail();
  writeAll();
}

function writeTotals() {
  const { totals, routed_totals: routed } = seen;
  const all = totals.flops + totals.flops_saved;
  const cache = totals.cache_bytes + totals.cache_bytes_saved;
  const than = (value) => (routed ? word("inspector.asRouted", { value }) : "");
  const savedShare = (share) => (isOnePass() ? "" : word("inspector.saved", { share: percent(share) }));
  const loss = (one) => fixed(-one.logprob / Math.max(1, one.tokens - 1), 3);
  byId("totals").replaceChildren(
    figure(word("inspector.tokens"), String(totals.tokens), word("inspector.ofThemWritten", { number: seen.tokens.length - seen.prompt_tokens })),
    ...(isOnePass() ? [] : [figure(word("inspector.meanDepth"), fixed(totals.mean_depth), routed ? than(fixed(routed.mean_depth)) : word("inspector.of", { number: seen.num_recursions }))]),
    figure(
      word("inspector.arithmetic"),
      metric(totals.flops, "FLOP"),
      routed
        ? word("inspector.savedRouted", { share: percent(totals.flops_saved / all), routed: percent(routed.flops_saved / all) })
        : savedShare(totals.flops_saved / all),
    ),
    figure(word("inspector.cache"), bytes(totals.cache_bytes), savedShare(totals.cache_bytes_saved / cache)),
    figure(word("inspector.nats"), loss(totals), than(routed ? loss(routed) : "")),
    ...(routed ? [figure(word("inspector.change"), signed(totals.logprob_change), word("inspector.changeUnit"))] : []),
  );
}

const byChange = () => byId("by-change").checked && seen.totals.logprob_change !== undefined;

const greatestChange = () => Math.max(SMALL_CHANGE, ...seen.tokens.map((token) => Math.abs(token.logprob_change ?? 0)));

function writeKeys() {
  if (!byChange()) {
    writeLegend(seen.num_recursions, seen.totals.histogram);
    return;
  }
  const most = word("inspector.fullColour", { change: fixed(greatestChange()) });
  byId("legend").replaceChildren(
    element("li", {}, element("span", { class: "better" }, word("inspector.likelier")), word("inspector.thanRouted")),
    element("li", {}, element("span", { class: "worse" }, word("inspector.lessLikely")), word("inspector.thanRouted")),
    element("li", {}, most),
  );
}

function colourOf(token) {
  if (byChange()) {
    const change = token.logprob_change ?? 0;
    const strength = (0.7 * Math.abs(change)) / greatestChange();
    return { className: change === 0 ? "" : change > 0 ? "better" : "worse", strength };
  }
  return { className: isOnePass() ? "" : "d" + token.depth, strength: 0 };
}

function label(token) {
  const likely = token.logprob === null ? "" : word("inspector.labelLikely", { share: percent(Math.exp(token.logprob)) });
  const how = forced.has(token.position) ? word("inspector.labelForced") : "";
  const change = token.logprob_change ? word("inspector.labelChange", { change: signed(token.logprob_change) }) : "";
  const what = isOnePass() ? visible(token.token) : word("inspector.label", { token: visible(token.token), depth: token.depth });
  return what + how + likely + change;
}

function writePassage() {
  const spans = seen.tokens.map((token) => {
    const { className, strength } = colourOf(token);
    const classes = [className, token.written ? "written" : "", forced.has(token.position) ? "forced" : ""];
    const span = element(
      "span",
      { role: "option", id: "token-" + token.position, class: classes.join(" ").trim(), "aria-label": label(token), "aria-selected": "false" },
      tokenText(token.text),
    );
    if (strength > 0) span.style.setProperty("--strength", strength);
    return span;
  });
  byId("passage").replaceChildren(...spans);
  here = Math.min(here, spans.length - 1);
  select(here, false);
}

function select(position, announce = true) {
  const passage = byId("passage");
  const before = passage.querySelector(".here");
  before?.classList.remove("here");
  before?.setAttribute("aria-selected", "false");
  here = position;
  const span = passage.children[here];
  span.classList.add("here");
  span.setAttribute("aria-selected", "true");
  passage.setAttribute("aria-activedescendant", span.id);
  if (announce) {
    span.scrollIntoView({ block: "nearest" });
    writeDetail();
  }
}

byId("passage").addEventListener("click", (event) => {
  const position = Array.from(byId("passage").children).indexOf(event.target);
  if (position >= 0) select(position);
});

byId("passage").addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || !seen) return;
  const last = seen.tokens.length - 1;
  const steps = { ArrowRight: here + 1, ArrowLeft: here - 1, ArrowDown: here + 10, ArrowUp: here - 10, Home: 0, End: last };
  if (event.key in steps) {
    event.preventDefault();
    select(Math.max(0, Math.min(last, steps[event.key])));
  } else if (/^[0-9]$/.test(event.key) && Number(event.key) <= seen.num_recursions) {
    event.preventDefault();
    force(Number(event.key));
  }
});

for (const radio of document.querySelectorAll("input[name=colour]")) {
  radio.addEventListener("change", () => {
    writeKeys();
    writePassage();
  });
}

function writeDetail() {
  const token = seen.tokens[here];
  const next = seen.tokens[here + 1];
  const focused = document.activeElement?.closest?.("#detail fieldset") ? document.activeElement.value : null;
  byId("detail").replaceChildren(
    element("h3", { id: "detail-heading" }, word("inspector.heading", { number: here + 1, all: seen.tokens.length }), element("b", {}, visible(token.token))),
    element("p", {}, describe(token)),
    ...forcing(token),
    element("h4", {}, nextHeading()),
    predictions(token, next),
    ...decisions(token),
  );
  if (focused !== null) byId("detail").querySelector("input[value='" + focused + "']")?.focus();
}

const nextHeading = () => word(isOnePass() ? "inspector.nextPlain" : "inspector.nextHeading");

function describe(token) {
  const sentences = isOnePass() ? [] : [word("inspector.took", { depth: token.depth, all: seen.num_recursions })];
  if (token.routed_depth !== undefined && token.routed_depth !== token.depth) {
    sentences.push(word("inspector.routedDepth", { depth: token.routed_depth }));
  }
  if (token.logprob !== null) {
    sentences.push(word("inspector.probability", { share: percent(Math.exp(token.logprob)), nats: signed(token.logprob) }));
  }
  if (token.logprob_change) sentences.push(word("inspector.changed", { change: signed(token.logprob_change) }));
  sentences.push(word("inspector.cost", { flops: metric(token.cost.flops, "FLOP"), cache: bytes(token.cost.cache_bytes) }));
  return sentences.join(word("list.space"));
}

function forcing(token) {
  if (isOnePass()) return [];
  if (!canForce()) return [element("p", { class: "note" }, word("inspector.noRouter"))];
  const wanted = forced.get(token.position) ?? 0;
  const choices = [element("legend", {}, word("inspector.forcing"))];
  for (let depth = 0; depth <= seen.num_recursions; depth++) {
    const input = element("input", { type: "radio", name: "force", value: String(depth), checked: depth === wanted });
    input.addEventListener("change", () => force(depth));
    choices.push(element("label", {}, input, depth === 0 ? word("inspector.free") : String(depth)));
  }
  return [element("fieldset", { class: "choices", id: "forcing" }, ...choices)];
}

const likely = ({ token, logprob }) => word("list.quoted", { token: visible(token) }) + " " + percent(Math.exp(logprob));

function predictions(token, next) {
  const head = [...(isOnePass() ? [] : [word("inspector.leftAfter")]), word("inspector.says"), word("inspector.likely"), next ? word("inspector.gives", { token: visible(next.token) }) : ""];
  const rows = token.predictions.map((prediction) => {
    const [first, ...others] = prediction.likeliest;
    const rest = listed(others.map(likely));
    return element(
      "tr",
      { class: prediction.depth === token.depth && !isOnePass() ? "taken" : undefined },
      ...(isOnePass() ? [] : [element("th", { scope: "row" }, word(prediction.depth === token.depth ? "inspector.itDid" : "inspector.recursion", { depth: prediction.depth }))]),
      element("td", {}, element("b", {}, visible(first.token)), element("span", { class: "note" }, rest === "" ? "" : word("inspector.then", { others: rest }))),
      element("td", { class: "number" }, percent(Math.exp(first.logprob))),
      element("td", { class: "number" }, prediction.next_logprob === null ? "" : percent(Math.exp(prediction.next_logprob))),
    );
  });
  return table(nextHeading(), head, rows);
}

function decisions(token) {
  if (token.decisions.length === 0) return [];
  const gains = token.decisions.some((decision) => "expected_gain" in decision);
  const rows = token.decisions.map((decision) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, word("inspector.toRecursion", { depth: decision.step + 1 })),
      element("td", { class: "number" }, fixed(decision.score, 4)),
      element("td", { class: "number" }, fixed(decision.threshold, 4)),
      ...(gains ? [element("td", { class: "number" }, decision.expected_gain === null ? "" : signed(decision.expected_gain))] : []),
      element("td", {}, decision.goes_on ? word("inspector.goesOn") : word("inspector.leaves")),
    ),
  );
  return [element("h4", {}, word("inspector.routerHeading")), table(word("inspector.routerHeading"), [word("inspector.step"), word("inspector.score"), word("inspector.threshold"), ...(gains ? [word("inspector.expectedGain")] : []), word("inspector.so")], rows)];
}

/** A table with a row for each token, made when it is opened. */
function writeAll() {
  const all = byId("all");
  all.replaceChildren(all.firstElementChild);
  if (!all.open) return;
  const depths = Array.from({ length: seen.num_recursions }, (_, index) => index + 1);
  const changes = seen.totals.logprob_change !== undefined;
  const head = [
    word("inspector.token"),
    ...(isOnePass() ? [] : [word("inspector.depth")]),
    word("inspector.likely"),
    ...(changes ? [word("inspector.changeColumn")] : []),
    ...(isOnePass() ? [word("inspector.says")] : depths.map((depth) => word("inspector.after", { depth }))),
    ...(canForce() ? [word("inspector.router")] : []),
  ];
  all.append(table(word("inspector.all"), head, seen.tokens.map((token) => rowOf(token, depths, changes))));
}

function rowOf(token, depths, changes) {
  const number = (text) => element("td", { class: "number" }, text);
  const said = depths.map((depth) => {
    const prediction = token.predictions.find((one) => one.depth === depth);
    return element("td", {}, prediction ? likely(prediction.likeliest[0]) : "");
  });
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, visible(token.token)),
    ...(isOnePass() ? [] : [element("td", { class: "number d" + token.depth }, String(token.depth))]),
    number(token.logprob === null ? "" : percent(Math.exp(token.logprob))),
    ...(changes ? [number(token.logprob_change ? signed(token.logprob_change) : "")] : []),
    ...said,
    ...(canForce() ? [element("td", {}, listed(token.decisions.map(compared)))] : []),
  );
}

/** A decision as a comparison; equality continues, except with token choice. */
function compared({ score, threshold, goes_on: goesOn }) {
  const ties = seen.routing === "token_choice" ? [" > ", " ≤ "] : [" ≥ ", " < "];
  return fixed(score, 3) + ties[goesOn ? 0 : 1] + fixed(threshold, 3);
}

byId("all").addEventListener("toggle", () => seen && writeAll());

function table(name, head, rows) {
  const isNumber = (column) => rows[0].children[column].classList.contains("number");
  const names = head.map((name, column) => element("th", { scope: "col", class: isNumber(column) && "number" }, name));
  const made = element("table", {}, element("thead", {}, element("tr", {}, ...names)), element("tbody", {}, ...rows));
  return element("div", { class: "scroll", role: "region", "aria-label": name, tabindex: "0" }, made);
}
