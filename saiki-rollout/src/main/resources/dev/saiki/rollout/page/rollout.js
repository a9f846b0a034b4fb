// Shows where a rollout stands, asks every other second, and moves it.

import uPlot from "./uPlot.esm.js";

const KEY = "saiki-key";
const ROUND = 2000;
const byId = (id) => document.getElementById(id);
const fixed = (value, decimals = 2) => (Number.isFinite(value) ? value.toFixed(decimals) : "–");
const percent = (share) => (Number.isFinite(share) ? (100 * share).toFixed(0) + " %" : "–");
const when = (time) => new Date(time).toLocaleString();
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
    throw new Error(answer.error?.message ?? "the gateway answered with status " + response.status);
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
  byId("says").textContent = status.state === "aborted"
    ? "It was aborted: the baseline answers all. Promote begins with the first stage again."
    : status.may_promote
      ? "The evidence allows the next stage" + (status.automatic && !status.paused ? "." : ", which waits for a person.")
      : "The evidence does not allow the next stage yet.";
  byId("figures").replaceChildren(
    figure("State", status.state, status.paused ? "paused" : "since " + when(status.since)),
    figure("Stage", status.stage + " of " + status.stages, status.automatic ? "promotes by itself" : "a person promotes"),
    figure("Share", percent(status.share), status.state === "shadow" ? "is asked of the candidate too" : "of the conversations"),
  );
  byId("gates").tBodies[0].replaceChildren(...status.evidence.map((gate) =>
    element("tr", {},
      element("th", { scope: "row" }, gate.gate),
      number(fixed(gate.tolerance)),
      number(String(gate.observed)),
      number(gate.retreats ? percent(gate.log_retreat / gate.retreats_at) : "does not"),
      number(gate.promotes ? percent(gate.log_promote / gate.promotes_at) : "not needed"))));
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
    element("tr", {}, cell(when(one.at)), cell(one.who), cell(one.action), cell(one.from), cell(one.to), cell(one.reason))));
}

const outcome = (side, text) => cell(side.failed ? "failed: " + side.failed : side.total_ms + " ms", ...(text === "" ? [] : [element("pre", {}, text)]));

function writePairs(pairs) {
  byId("no-pairs").hidden = pairs.length > 0;
  byId("pairs").tBodies[0].replaceChildren(...pairs.map((pair) =>
    element("tr", {},
      cell(when(pair.at)),
      cell(pair.conversation.slice(0, 8)),
      cell(...Object.entries(pair.outcome.differences).flatMap(([gate, difference], index) => [
        ...(index > 0 ? [", "] : []),
        element("span", { class: difference > 0 ? "worse" : difference < 0 ? "better" : "" }, gate + " " + fixed(difference))])),
      outcome(pair.outcome.baseline, pair.baseline),
      outcome(pair.outcome.candidate, pair.candidate))));
}

async function look() {
  try {
    writeStatus(await ask("rollout"));
    const { data: points } = await ask("rollout/history");
    draw("retreat", points, "log_retreat", "retreats_at");
    draw("promote", points, "log_promote", "promotes_at");
    writeDecisions((await ask("rollout/decisions?limit=20")).data);
    writePairs((await ask("rollout/pairs?limit=20")).data);
    problem("");
  } catch (failure) {
    problem(failure.message);
  }
}

byId("move").addEventListener("submit", async (event) => {
  event.preventDefault();
  const action = event.submitter.value;
  if ((action === "abort" || action === "promote") && !confirm("Really " + action + "?")) return;
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
    byId("erased").textContent = erased + " pairs are erased";
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
