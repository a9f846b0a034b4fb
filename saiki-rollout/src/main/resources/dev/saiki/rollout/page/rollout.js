// Shows where a rollout stands, asks every other second, and moves it.

import uPlot from "./uPlot.esm.js";
import { word } from "./words.js";

const KEY = "saiki-key";
const ROUND = 2000;
const DEPTH_ROUND = 30000;
const byId = (id) => document.getElementById(id);
const fixed = (value, decimals = 2) => (Number.isFinite(value) ? value.toFixed(decimals) : "–");
const percent = (share) => (Number.isFinite(share) ? (100 * share).toFixed(0) + " %" : "–");
const when = (time) => new Date(time).toLocaleString(document.documentElement.lang);
const known = (kind, name) => (["shadow", "canary", "certified", "full", "retired", "aborted", "begin", "promote", "abort", "pause", "resume", "restart"].includes(name) ? word(kind + "." + name) : name);
const charts = {};

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

const cell = (...children) => element("td", {}, ...children);
const number = (text) => element("td", { class: "number" }, text);

async function ask(path, body) {
  const headers = new Headers();
  const key = (sessionStorage.getItem(KEY) ?? "").replace(/[^!-~]/g, "");
  if (key !== "") headers.set("Authorization", "Bearer " + key);
  if (body) headers.set("Content-Type", "application/json");
  const response = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store", credentials: "omit" });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    byId("access").hidden &&= response.status !== 401;
    throw new Error(answer.error?.message ?? word("problem.status", { status: response.status }));
  }
  return answer;
}

function problem(message) {
  byId("problem").hidden = message === "";
  byId("problem").textContent = message;
}

const figure = (name, value, more) =>
  element("div", {}, element("dd", { class: "value" }, value), element("dd", { class: "more" }, more), element("dt", {}, name));

function writeStatus(status) {
  byId("model").textContent = status.model;
  byId("gone").hidden = status.database === "up";
  const ready = status.automatic && !status.paused ? "says.ready" : "says.readyWaits";
  byId("says").textContent = word(status.state === "aborted" ? "says.aborted" : status.may_promote ? ready : "says.notYet");
  byId("figures").replaceChildren(
    figure(word("figure.state"), known("state", status.state), status.paused ? word("figure.paused") : word("figure.since", { time: when(status.since) })),
    figure(word("figure.stage"), word("figure.of", status), word(status.automatic ? "figure.automatic" : "figure.manual")),
    figure(word("figure.share"), percent(status.share), word(status.state === "shadow" ? "figure.shareShadow" : "figure.shareOther")),
  );
  byId("gates").tBodies[0].replaceChildren(...status.evidence.map((gate) =>
    element("tr", {},
      element("th", { scope: "row" }, gate.gate),
      number(fixed(gate.tolerance)),
      number(String(gate.observed)),
      number(gate.retreats ? percent(gate.log_retreat / gate.retreats_at) : word("gate.noRetreat")),
      number(gate.promotes ? percent(gate.log_promote / gate.promotes_at) : word("gate.noPromote")))));
}

function draw(id, points, evidence, decides) {
  const names = points.length === 0 ? [] : points.at(-1).gates.map((gate) => gate.gate);
  const data = [points.map((point) => Date.parse(point.at) / 1000)];
  for (const name of names) {
    data.push(points.map((point) => {
      const gate = point.gates.find((one) => one.gate === name);
      return gate ? Math.max(0, gate[evidence] / gate[decides]) * 100 : null;
    }));
  }
  charts[id]?.destroy();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  charts[id] = new uPlot({
    width: Math.max(200, byId(id).clientWidth),
    height: 170,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, low, high) => [0, Math.max(100, high || 0)] } },
    axes: [{ ...axis, space: 80 }, { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => tick + " %") }],
    series: [{}, ...names.map((_, index) => ({ stroke: colour("--s" + (index % 5)), width: 1.5, points: { show: points.length < 3 } }))],
  }, data, byId(id));
  byId(id + "-keys").replaceChildren(...names.map((name, index) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "24");
    svg.setAttribute("height", "10");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    for (const [attribute, value] of Object.entries({ x1: 0, y1: 5, x2: 24, y2: 5 })) line.setAttribute(attribute, value);
    line.style.stroke = "var(--s" + (index % 5) + ")";
    svg.append(line);
    return element("li", {}, svg, name);
  }));
}

function writeDecisions(decisions) {
  byId("decisions").tBodies[0].replaceChildren(...decisions.map((one) =>
    element("tr", {}, cell(when(one.at)), cell(one.who), cell(known("action", one.action)), cell(known("state", one.from)), cell(known("state", one.to)), cell(one.reason))));
}

/** A pair's texts before its answers, as far as the page can tell. */
function context(request) {
  const asked = JSON.parse(request);
  if (typeof asked.prompt === "string") return asked.prompt;
  const said = (content) => (typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join(""));
  const messages = Array.isArray(asked.messages ?? asked.input) ? (asked.messages ?? asked.input) : [{ role: "user", content: asked.input }];
  return messages.map((message) => message.role + ":\n" + said(message.content) + "\n\n").join("") + "assistant:\n";
}

/** The depths of a text's tokens behind its context, which a text keeps once they are known. */
const depths = new Map();

async function readDepths(request, text) {
  const before = context(request);
  const { num_recursions: all, tokens } = await ask("rollout/depths", { text: before + text });
  if (!document.querySelector("link[data-depths]")) {
    document.head.append(element("link", { rel: "stylesheet", href: "page/depths.css?recursions=" + all, "data-depths": "" }));
  }
  let end = 0;
  const spans = [];
  for (const { text: piece, depth } of tokens) {
    end += piece.length;
    if (end <= before.length || piece === "") continue;
    spans.push({ piece: piece.slice(Math.max(0, piece.length - (end - before.length))), depth, all });
  }
  depths.set(request + text, spans);
}

const written = (request, text) => {
  const known = depths.get(request + text);
  return known ? known.map(({ piece, depth, all }) => element("span", { class: "d" + depth, title: word("depths.of", { depth, all }) }, piece)) : [text];
};

function depthButton(pair) {
  const button = element("button", { type: "button" }, word("depths.show"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      for (const text of [pair.baseline, pair.candidate]) if (text !== "") await readDepths(pair.request, text);
      await look();
    } catch (failure) {
      problem(failure.message);
    }
  });
  return button;
}

const outcome = (side, request, text) => cell(side.failed ? word("pair.failed", { reason: side.failed }) : side.total_ms + " ms", ...(text === "" ? [] : [element("pre", {}, ...written(request, text))]));

function writePairs(pairs) {
  byId("no-pairs").hidden = pairs.length > 0;
  byId("pairs").tBodies[0].replaceChildren(...pairs.map((pair) =>
    element("tr", {},
      cell(when(pair.at)),
      cell(pair.conversation.slice(0, 8), ...(pair.request === "" || depths.has(pair.request + pair.candidate) ? [] : [" ", depthButton(pair)])),
      cell(...Object.entries(pair.outcome.differences).flatMap(([gate, difference], index) => [
        ...(index > 0 ? [", "] : []),
        element("span", { class: difference > 0 ? "worse" : difference < 0 ? "better" : "" }, gate + " " + fixed(difference))])),
      outcome(pair.outcome.baseline, pair.request, pair.baseline),
      outcome(pair.outcome.candidate, pair.request, pair.candidate))));
}

let depthAt = -Infinity;

/** Sums over many pairs, which are asked for less often. */
async function writeDepth() {
  if (performance.now() - depthAt < DEPTH_ROUND) return;
  const { depths: rows } = await ask("rollout/measured");
  depthAt = performance.now();
  byId("no-depth").hidden = rows.length > 0;
  byId("depth").tBodies[0].replaceChildren(...rows.map((row) =>
    element("tr", {},
      element("th", { scope: "row" }, row.tenant === "" ? word("tenant.none") : row.tenant),
      cell(word("kind." + row.kind)),
      number(String(row.answers)),
      number(fixed(row.mean_depth)),
      number(percent(row.flops_share)))));
}

async function look() {
  try {
    writeStatus(await ask("rollout"));
    const { data: points } = await ask("rollout/history");
    draw("retreat", points, "log_retreat", "retreats_at");
    draw("promote", points, "log_promote", "promotes_at");
    writeDecisions((await ask("rollout/decisions?limit=20")).data);
    await writeDepth();
    writePairs((await ask("rollout/pairs?limit=20")).data);
    problem("");
  } catch (failure) {
    problem(failure.message);
  }
}

byId("move").addEventListener("submit", async (event) => {
  event.preventDefault();
  const action = event.submitter.value;
  if ((action === "abort" || action === "promote") && !confirm(word("confirm." + action))) return;
  try {
    await ask("rollout/" + action, { reason: byId("reason").value });
    byId("reason").value = "";
    await look();
  } catch (failure) {
    problem(failure.message);
  }
});

byId("erase").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const { erased } = await ask("rollout/erase", { subject: byId("subject").value });
    byId("erased").textContent = word("erased", { count: erased });
    await look();
  } catch (failure) {
    problem(failure.message);
  }
});

byId("key").addEventListener("change", () => {
  sessionStorage.setItem(KEY, byId("key").value);
  look();
});
byId("access").addEventListener("submit", (event) => event.preventDefault());

await look();
setInterval(() => {
  if (!document.hidden) look();
}, ROUND);
