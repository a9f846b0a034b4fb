// The state of a rollout, refreshed every two seconds, and the controls that move it.

import { byId, chartStyle, clock, duration, element, figure, fixed, lineKey, moment, percent } from "./elements.js";
import uPlot from "./uPlot.esm.js";
import { hasWord, word } from "./words.js";

const KEY = "saiki-key";
const ROUND = 2000;
const DEPTH_ROUND = 30000;
/** The span that the charts cover at least, in seconds. */
const SHORTEST = 600;
const DAY = 86400;
/** How many of the things are listed that the next stage waits for. */
const MOST_AWAITED = 10;
const known = (kind, name) => (hasWord(kind + "." + name) ? word(kind + "." + name) : name);
export const charts = {};

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
    throw new Error(sentence(response.status, answer.error, key));
  }
  return answer;
}

/** The page's own sentence for an error, if it has one for its code; otherwise the gateway's message. */
function sentence(status, error, key) {
  if (!error) return word("problem.status", { status });
  if (error.code === "invalid_api_key" && key === "") return word("error.no_api_key");
  const isOwn = status === 401 || document.documentElement.lang !== "en";
  return isOwn && hasWord("error." + error.code) ? word("error." + error.code) : error.message;
}

function problem(message) {
  byId("problem").hidden = message === "";
  byId("problem").textContent = message;
}

/** How much of the needed evidence there is. */
const part = (evidence, needed) => percent(Math.min(1, Math.max(0, evidence / needed)));

function writeStatus(status) {
  byId("model").textContent = status.model;
  byId("gone").hidden = status.database === "up";
  byId("ejected").hidden = !status.ejected;
  const ready = status.automatic && !status.paused ? "says.ready" : "says.readyWaits";
  byId("says").textContent = word(status.state === "aborted" ? "says.aborted" : status.may_promote ? ready : status.awaited.length > 0 ? "says.notYet" : "says.last");
  writeList("awaited", status.awaited.slice(0, MOST_AWAITED));
  writeList("levels", status.levels.map((level) => word("level." + (level.verdict ?? "none"), level)));
  byId("figures").replaceChildren(
    figure(word("figure.state"), known("state", status.state), status.paused ? word("figure.paused") : word("figure.since", { time: moment(status.since) })),
    figure(word("figure.stage"), word("figure.of", status), word(status.automatic ? "figure.automatic" : "figure.manual")),
    figure(word("figure.share"), percent(status.share), word(status.state === "shadow" ? "figure.shareShadow" : "figure.shareOther")),
  );
  const dropped = Object.entries(status.not_compared);
  byId("dropped").hidden = dropped.length === 0;
  byId("dropped").textContent = word("notCompared", { counts: dropped.map(([why, count]) => `${known("dropped", why)} ${count}`).join(", ") });
  writeSlices(status.evidence.filter((gate) => gate.slice));
  byId("worse").hidden = !status.worse;
  byId("worse").textContent = word("retiredWorse", { what: status.worse });
  const heavy = Object.values(status.heavy_users ?? {});
  byId("heavy").hidden = heavy.length === 0;
  byId("heavy").textContent = word("heavy", { count: heavy.length, share: percent(Math.max(0, ...heavy)) });
  byId("gates").tBodies[0].replaceChildren(...status.evidence.filter((gate) => !gate.slice).map((gate) =>
    element("tr", {},
      element("th", { scope: "row" }, gate.gate),
      number(fixed(gate.tolerance)),
      number(String(gate.observed)),
      number(gate.retreats ? part(gate.log_retreat, gate.retreats_at) : word("gate.noRetreat")),
      number(gate.promotes ? part(gate.log_promote, gate.promotes_at) : word("gate.noPromote")))));
}

function writeList(id, lines) {
  byId(id).hidden = lines.length === 0;
  byId(id).replaceChildren(...lines.map((line) => element("li", {}, line)));
}

/** The slices of the traffic side by side: one row each, one column for each gate. */
function writeSlices(tests) {
  const table = byId("slices");
  const gates = [...new Set(tests.map((test) => test.gate))];
  const slices = [...new Set(tests.map((test) => test.slice))];
  byId("no-slices").hidden = slices.length > 0;
  table.hidden = slices.length === 0;
  const head = (name, attributes = {}) => element("th", { scope: "col", ...attributes }, name);
  table.tHead.rows[0].replaceChildren(head(word("slice")), head(word("slice.share"), { class: "number" }), ...gates.map((gate) => head(gate, { class: "number" })));
  table.tBodies[0].replaceChildren(...slices.map((slice) => {
    const own = tests.filter((test) => test.slice === slice);
    return element("tr", {},
      element("th", { scope: "row" }, slice),
      number(percent(own[0].share)),
      ...gates.map((gate) => number(verdict(own.find((test) => test.gate === gate)))));
  }));
}

/** How a slice stands at a gate: cleared, or the greater part of the evidence either way. */
function verdict(test) {
  if (!test) return "";
  if (test.cleared) return word("slice.cleared", { count: test.observed });
  const isWorse = test.log_retreat / test.retreats_at > Math.max(0, test.log_promote / test.promotes_at);
  return word(isWorse ? "slice.worse" : "slice.waits", {
    part: isWorse ? part(test.log_retreat, test.retreats_at) : part(test.log_promote, test.promotes_at),
    count: test.observed,
  });
}

/** The line at which a gate decides. */
function needed(plot, colour) {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(100, "y", true);
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function draw(id, points, evidence, decides) {
  const names = points.length === 0 ? [] : points.at(-1).gates.map((gate) => gate.gate);
  const data = [points.map((point) => Date.parse(point.at) / 1000)];
  for (const name of names) {
    data.push(points.map((point) => {
      const gate = point.gates.find((one) => one.gate === name);
      return gate ? Math.min(150, Math.max(0, gate[evidence] / gate[decides]) * 100) : null;
    }));
  }
  charts[id]?.destroy();
  const { colour, axis } = chartStyle();
  const newest = Math.max(Date.now() / 1000, ...data[0]);
  const oldest = Math.min(newest - SHORTEST, ...data[0]);
  const tick = (time) => (newest - oldest > DAY ? moment(1000 * time).slice(5, 16) : clock(time).slice(0, 5));
  charts[id] = new uPlot({
    width: Math.max(200, byId(id).clientWidth),
    height: 170,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { range: () => [oldest, newest] }, y: { range: [0, 150] } },
    axes: [{ ...axis, space: 80, size: 28, values: (_, ticks) => ticks.map(tick) }, { ...axis, size: 56, values: (_, ticks) => ticks.map((one) => one + " %") }],
    series: [{}, ...names.map((_, index) => ({ stroke: colour("--s" + (index % 5)), width: 1.5, points: { show: points.length < 3 } }))],
    hooks: { drawAxes: [(plot) => needed(plot, colour("--ink"))] },
  }, data, byId(id));
  byId(id + "-keys").replaceChildren(...names.map((name, index) => element("li", {}, lineKey(index), name)));
}

function writeDecisions(decisions) {
  byId("decisions").tBodies[0].replaceChildren(...decisions.map((one) =>
    element("tr", {}, cell(moment(one.at)), cell(one.who), cell(known("action", one.action)), cell(known("state", one.from)), cell(known("state", one.to)), cell(one.reason))));
}

/** A pair's texts before its answers, as far as the page can tell. */
function context(request) {
  const asked = JSON.parse(request);
  if (typeof asked.prompt === "string") return asked.prompt;
  const said = (content) => (typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join(""));
  const messages = Array.isArray(asked.messages ?? asked.input) ? (asked.messages ?? asked.input) : [{ role: "user", content: asked.input }];
  return messages.map((message) => message.role + ":\n" + said(message.content) + "\n\n").join("") + "assistant:\n";
}

/** The tokens of each answer whose depths were read, with these depths, by request and answer. */
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

const outcome = (side, request, text) => cell(side.failed ? word("pair.failed", { reason: side.failed }) : duration(side.total_ms), ...(text === "" ? [] : [element("pre", {}, ...written(request, text))]));

function writePairs(pairs) {
  byId("no-pairs").hidden = pairs.length > 0;
  byId("pairs").tBodies[0].replaceChildren(...pairs.map((pair) =>
    element("tr", {},
      cell(moment(pair.at)),
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
  if (hasWord("confirm." + action) && !confirm(word("confirm." + action))) return;
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
  if (!confirm(word("confirm.erase", { subject: byId("subject").value }))) return;
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

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);

await look();
setInterval(() => {
  if (!document.hidden) look();
}, ROUND);
