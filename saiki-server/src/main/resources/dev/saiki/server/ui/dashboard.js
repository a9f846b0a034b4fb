// What the server does, and did in the last hour, second by second.

import { begin, byId, bytes, chooseModel, element, figure, fixed, listed, metric, percent, showProblem } from "./page.js";
import { getJson, getText } from "./server.js";
import { byLabel, parse, total } from "./metrics.js";
import { word } from "./words.js";
import uPlot from "./uPlot.esm.js";

const INTERVAL = 2000;
/** Most points of a line; longer times are drawn in groups of seconds. */
const MOST_POINTS = 900;
/** Seconds that charts show at least. */
const SHORTEST = 60;
/** Seconds over which the rate in the figures is taken. */
const RATE_SECONDS = 5;
const DASHES = [[], [9, 4], [2.5, 3], [9, 3, 2, 3], [14, 4]];
const STAGES = ["entry", "recursion", "exit"];

/** The server's history, in columns, as far as it is drawn. */
let seen = null;
let range = Number(byId("range").value);
let charts = [];
let model = null;
let hasRouter = false;
let recursions = 1;
let paused = false;
let timer = 0;

/** Distances of lines where only whole numbers make sense. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000];

const clock = (time) => new Date(1000 * time).toTimeString().slice(0, 8);
const number = (decimals) => (value) => fixed(value, decimals);
const share = (value) => percent(value, 0);
const seconds = (value) => (value < 1 ? fixed(1000 * value, value > 0 && value < 0.01 ? 1 : 0) + " ms" : Number.isFinite(value) ? fixed(value, 2) + " s" : "–");
const newest = () => seen.time.at(-1) ?? Date.now() / 1000;
/** Where charts begin; a server that has just started fills them all the same. */
const oldest = () => Math.max(newest() - range, Math.min(seen.time[0] ?? 0, newest() - SHORTEST));

/** What is drawn. Each line takes its value from the seconds after one index of the history up to another. */
function plan() {
  const depths = Array.from({ length: recursions }, (_, index) => index + 1);
  const latency = (column) => [
    [word("chart.half"), newestOf(() => seen[column].p50)],
    [word("chart.most"), newestOf(() => seen[column].p95)],
  ];
  const general = [
    { title: word("chart.requests"), unit: "", say: number(0), whole: true, lines: [
      [word("chart.atWork"), mostOf(() => seen.running)], [word("chart.waiting"), mostOf(() => seen.waiting)],
    ] },
    { title: word("chart.tokens"), unit: word("chart.perSecond"), say: number(0), lines: [[word("chart.readWritten"), rate(() => seen.step_tokens[0])]] },
    { title: word("chart.firstToken"), unit: word("chart.halfMinute"), say: seconds, lines: latency("first_token_seconds") },
    { title: word("chart.furtherToken"), unit: word("chart.halfMinute"), say: seconds, lines: latency("further_token_seconds") },
    { title: word("chart.fill"), unit: word("chart.perRun"), say: number(1), lines: STAGES.map((stage, index) => [word("stage." + stage), fill(index)]) },
    { title: word("chart.memory"), unit: word("chart.inUse"), say: share, most: 1, lines: [[word("chart.allPages"), mostOf(() => seen.cache_usage)]] },
  ];
  const ofRecursions = [
    { title: word("chart.pages"), unit: word("chart.ofWork"), say: number(0), whole: true, lines: depths.map((depth) => [
      word("chart.recursion", { depth }), mostOf(() => seen.cache_pages[depth - 1] ?? []),
    ]) },
    { title: word("chart.saved"), unit: word("chart.inEnded"), say: share, most: 1, lines: [[word("chart.savedLine"), saved]] },
  ];
  const ofRouter = [
    { title: word("chart.depths"), unit: word("chart.ofTokens"), say: share, most: 1, lines: depths.map((depth) => [word("chart.depth", { depth }), shareAt(depth)]) },
    { title: word("chart.drift"), unit: word("chart.fromTraining"), say: number(2), most: 1, lines: [[word("chart.driftLine"), newestOf(() => seen.router.drift)]] },
    { title: word("chart.confidence"), unit: word("chart.decided"), say: share, most: 1, lines: [[word("chart.confidenceLine"), newestOf(() => seen.router.confidence)]] },
  ];
  return [...general, ...(recursions > 1 ? ofRecursions : []), ...(hasRouter ? ofRouter : [])];
}

const newestOf = (column) => (_, end) => column()[end] ?? NaN;

/** The most there was, so that a burst is seen however long the time is that is drawn. */
const mostOf = (column) => (before, end) => Math.max(...column().slice(before + 1, end + 1));

/** By how much a counter grew; one of another engine begins anew. */
function grown(column, before, end) {
  if (before < 0) return NaN;
  const more = column[end] - column[before];
  return more >= 0 ? more : NaN;
}

const rate = (column) => (before, end) => grown(column(), before, end) / (seen.time[end] - seen.time[before]);

const fill = (stage) => (before, end) => {
  const runs = grown(seen.stage_runs[stage], before, end);
  return runs > 0 ? grown(seen.stage_rows[stage], before, end) / runs : NaN;
};

const shareAt = (depth) => (before, end) => {
  const took = (step) => (step < recursions ? grown(seen.step_tokens[step], before, end) : 0);
  const all = took(0);
  return all > 0 ? (took(depth - 1) - took(depth)) / all : NaN;
};

function saved(before, end) {
  const less = grown(seen.flops_saved, before, end);
  const all = less + grown(seen.flops, before, end);
  return all > 0 ? less / all : NaN;
}

/** One chart: caption, keys with the newest values or those under the pointer, and lines. */
class Chart {
  constructor(planned) {
    this.planned = planned;
    this.points = [[], ...planned.lines.map(() => [])];
    this.place = element("div", { class: "chart", "aria-hidden": "true" });
    this.keys = element("ul", { class: "keys", "aria-label": word("chart.newest", { title: planned.title }) });
    const unit = planned.unit === "" ? "" : element("span", { class: "unit" }, " " + planned.unit);
    this.figure = element("figure", {}, element("figcaption", {}, planned.title, unit), this.keys, this.place);
    this.values = planned.lines.map(([name], index) => this.addKey(name, index));
  }

  addKey(name, index) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 26 10");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    for (const [attribute, value] of Object.entries({ x1: 0, x2: 26, y1: 5, y2: 5, "stroke-dasharray": DASHES[index % 5].join(" ") })) line.setAttribute(attribute, value);
    line.style.stroke = "var(--s" + (index % 5) + ")";
    svg.append(line);
    const value = element("b", {}, "–");
    const most = element("span", { class: "note" });
    this.keys.append(element("li", {}, svg, name + " ", value, " ", most));
    return [value, most];
  }

  /** Draws groups of seconds, each from the end of the one before to its own. */
  draw(ends) {
    this.points = [ends.map((end) => seen.time[end])];
    for (const [, value] of this.planned.lines) {
      this.points.push(ends.map((end, index) => finite(value(index > 0 ? ends[index - 1] : -1, end))));
    }
    if (this.plot) this.plot.setData(this.points);
    else this.make();
    if (this.plot.cursor.idx === null || this.plot.cursor.left < 0) this.tell(this.points[0].length - 1);
  }

  /** Tells the values of a moment, and the most that there was. */
  tell(index) {
    this.values.forEach(([value, most], line) => {
      const column = this.points[line + 1];
      value.textContent = this.planned.say(column[index] ?? NaN);
      const greatest = Math.max(...column.filter((one) => one !== null));
      most.textContent = this.planned.most || !Number.isFinite(greatest) ? "" : word("chart.max", { value: this.planned.say(greatest) });
    });
  }

  make() {
    this.plot?.destroy();
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const { most, whole, say } = this.planned;
    const least = whole ? 4 : 1e-3;
    this.plot = new uPlot(
      {
        width: Math.max(200, this.place.clientWidth),
        height: 170,
        legend: { show: false },
        cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false, setScale: false }, sync: { key: "time" } },
        scales: {
          x: { range: () => [oldest(), newest()] },
          y: { range: (_, low, high) => [0, most ?? Math.max(least, (high || 1) * 1.1)] },
        },
        axes: [
          { ...axis, space: 80, size: 28, values: (_, ticks) => ticks.map(clock) },
          { ...axis, size: 56, ...(whole ? { incrs: WHOLE } : {}), values: (_, ticks) => ticks.map(say) },
        ],
        series: [{}, ...this.planned.lines.map((_, index) => ({
          stroke: colour("--s" + (index % 5)), width: 1.5, dash: DASHES[index % 5], points: { show: this.points[0].length < 2 }, spanGaps: false,
        }))],
        hooks: {
          drawClear: [(plot) => shade(plot, colour("--warn"))],
          setCursor: [(plot) => this.point(plot)],
        },
      },
      this.points,
      this.place,
    );
  }

  /** Tells what was at the moment that the pointer is at, in all charts. */
  point({ cursor }) {
    const isAway = cursor.idx === null || cursor.idx === undefined || cursor.left < 0;
    const index = isAway ? this.points[0].length - 1 : cursor.idx;
    this.tell(index);
    byId("moment").textContent = isAway ? "" : clock(this.points[0][index]);
  }
}

const finite = (value) => (Number.isFinite(value) ? value : null);

/** Marks the time during which the router did not decide. */
function shade(plot, colour) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.16;
  seen.router.state.forEach((state, index) => {
    if (state === "closed" || index === 0) return;
    const left = Math.max(bbox.left, plot.valToPos(seen.time[index - 1], "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(seen.time[index], "x", true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  });
  ctx.restore();
}

function writeFigures(series) {
  const refusals = byLabel(series, "saiki_refusals_total", "status");
  const refused = listed(Array.from(refusals).filter(([, count]) => count > 0).map(([status, count]) => count + " × " + status));
  const last = seen.time.length - 1;
  const perSecond = rate(() => seen.step_tokens[0] ?? [])(Math.max(0, last - RATE_SECONDS), last);
  byId("figures").replaceChildren(
    figure(word("figure.atWork"), fixed(total(series, "saiki_requests_running"), 0), word("figure.waiting", { number: fixed(total(series, "saiki_requests_waiting"), 0) })),
    figure(word("figure.perSecond"), fixed(perSecond, 0), word("figure.through")),
    ...(recursions > 1 ? [
      figure(word("figure.meanDepth"), fixed(total(series, "saiki_mean_depth")), word("figure.sinceStart")),
      figure(word("figure.saved"), percent(total(series, "saiki_flops_saved_ratio")), word("figure.againstFull")),
    ] : []),
    figure(word("figure.cache"), percent(total(series, "saiki_cache_usage_ratio")), bytes(total(series, "saiki_cache_bytes"))),
    figure(word("figure.written"), metric(total(series, "saiki_generation_tokens_total")), word("figure.read", { number: metric(total(series, "saiki_prompt_tokens_total")) })),
    figure(word("figure.refused"), fixed(total(series, "saiki_refusals_total") || 0, 0), refused === "" ? word("figure.refusedNone") : refused),
  );
}

function writeSlots(slots) {
  byId("no-slots").hidden = slots.length > 0;
  byId("slots-scroll").hidden = slots.length === 0;
  byId("slots").tBodies[0].replaceChildren(
    ...slots.map((slot) =>
      element("tr", {},
        element("th", { scope: "row" }, String(slot.id)),
        element("td", {}, word("slot." + slot.state)),
        element("td", { class: "number" }, String(slot.prompt_tokens)),
        element("td", { class: "number" }, String(slot.generated_tokens)),
        element("td", { class: "number of-depth" }, slot.mean_depth === null ? "–" : fixed(slot.mean_depth)),
        element("td", { class: "of-depth" }, slot.pages.join(" / ")),
      ),
    ),
  );
}

function writeRouter({ state, reason, window, transitions, scores_not_finite: bad, ...more }) {
  const depth = more.reference_depth ?? recursions;
  const sentences = [word("breaker." + state, { depth }), reason ? word("reason." + reason) : "", bad > 0 ? word("reason.badScores", { number: bad }) : ""];
  const message = sentences.filter((sentence) => sentence !== "").join(word("list.space"));
  if (byId("router-state").textContent !== message) byId("router-state").textContent = message;
  const rows = window.shares.map((taken, index) =>
    element("tr", {},
      element("th", { scope: "row" }, String(index + 1)),
      element("td", { class: "number" }, window.tokens > 0 ? percent(taken) : "–"),
      element("td", { class: "number" }, window.expected.length > 0 ? percent(window.expected[index]) : word("dashboard.notKnown")),
    ),
  );
  byId("router").tBodies[0].replaceChildren(...rows);
  const changes = transitions.toReversed().map((one) => {
    const when = one.time ? new Date(1000 * one.time).toLocaleString("sv-SE") : one.number;
    return element("li", {}, when + ": " + word("breaker.short." + one.state) + (one.key ? " (" + one.key + ")" : "") + (one.detail ? word("list.space") + one.detail : ""));
  });
  byId("transitions").replaceChildren(...changes);
  writeBanner(state, message, transitions, (more.keys ?? []).filter((one) => one.state !== "closed").map((one) => one.key), more.for_all);
}

/** Since when it is open for somebody, as far as that was seen. */
function openSince(transitions) {
  const times = new Map();
  for (const { state, key = "", time } of transitions) {
    if (state === "closed") times.delete(key);
    else if (time && !times.has(key)) times.set(key, time);
  }
  return times.size > 0 ? Math.min(...times.values()) : null;
}

/** Says in red since when the breaker is open, for all or for some keys. */
function writeBanner(state, message, transitions, keys, isForAll) {
  byId("breaker").hidden = state === "closed";
  if (state === "closed") {
    byId("breaker-says").textContent = "";
    return;
  }
  const since = openSince(transitions);
  const whom = isForAll === false && keys.length > 0 ? word("breaker.keys", { keys: listed(keys) }) : "";
  const head = since ? word("breaker.since", { time: clock(since), whom }) : word("breaker.unknown", { whom });
  const says = head + word("list.space") + message;
  if (byId("breaker-says").textContent !== says) byId("breaker-says").textContent = says;
  const age = since ? Math.max(0, Date.now() / 1000 - since) : NaN;
  byId("breaker-age").textContent = Number.isFinite(age) ? word("breaker.age", { minutes: Math.floor(age / 60), seconds: Math.floor(age % 60) }) : "";
}

/** Adds newer columns to those that are there, and lets go of what is not drawn any more. */
function join(older, newer, spare) {
  for (const [name, column] of Object.entries(newer)) {
    if (!Array.isArray(column)) {
      if (typeof column === "object" && column !== null) join(older[name], column, spare);
    } else if (Array.isArray(column[0])) {
      join(older[name], column, spare);
    } else {
      older[name] = [...(older[name] ?? []), ...column].slice(spare);
    }
  }
}

/** A path that answers for the model that is shown. */
const ofModel = (path) => path + "?model=" + encodeURIComponent(model.id);

async function remember() {
  const since = seen?.time.length > 0 ? seen.time.at(-1) : -range;
  const asked = model;
  const more = await getJson(ofModel("history") + "&since=" + since);
  if (asked !== model) return;
  if (!(seen?.time.length > 0)) seen = more;
  else if (more.time.length > 0) join(seen, more, seen.time.filter((time) => time < more.time.at(-1) - range).length);
}

/** The last index of each group of seconds. */
function groups() {
  const size = Math.max(1, Math.round(range / MOST_POINTS));
  const ends = [];
  seen.time.forEach((time, index) => {
    const next = seen.time[index + 1];
    if (next === undefined || Math.floor(next / size) !== Math.floor(time / size)) ends.push(index);
  });
  return ends;
}

async function look() {
  const asked = model;
  try {
    const [text, slots, router] = await Promise.all([getText("metrics"), getJson(ofModel("slots")), hasRouter ? getJson(ofModel("router")) : null, remember()]);
    if (asked !== model) return;
    const ends = groups();
    for (const chart of charts) chart.draw(ends);
    writeFigures(parse(text, { model: model.id }));
    if (router) writeRouter(router);
    writeSlots(slots);
    showProblem(null);
    say("");
  } catch (failure) {
    showProblem(failure);
    say(word("dashboard.stale"));
  }
  clearTimeout(timer);
  if (!paused) timer = setTimeout(look, INTERVAL);
}

function say(what) {
  if (byId("state").textContent !== what) byId("state").textContent = what;
}

byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  clearTimeout(timer);
  say(paused ? word("dashboard.paused") : "");
  if (!paused) look();
});

byId("range").addEventListener("change", () => {
  range = Number(byId("range").value);
  seen = null;
  clearTimeout(timer);
  look();
});

const redraw = () => seen && charts.forEach((chart) => chart.make());
addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

begin((models) => chooseModel(models, take));

function take(chosen) {
  clearTimeout(timer);
  model = chosen;
  recursions = model.meta.num_recursions;
  hasRouter = model.meta.routing !== "none";
  seen = null;
  byId("router-part").hidden = !hasRouter;
  byId("breaker").hidden = true;
  charts = plan().map((planned) => new Chart(planned));
  byId("charts").replaceChildren(...charts.map((chart) => chart.figure));
  look();
}
