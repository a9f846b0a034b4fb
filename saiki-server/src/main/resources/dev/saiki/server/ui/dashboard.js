// The server's load, latencies, memory and router over the last hour.

import { byId, bytes, chartStyle, clock, duration, element, figure, fixed, lineKey, metric, moment, percent, wholePercent } from "./elements.js";
import { begin, chooseModel, listed, showProblem } from "./page.js";
import { getJson, getText } from "./server.js";
import { byLabel, parse, total } from "./metrics.js";
import { word } from "./words.js";
import uPlot from "./uPlot.esm.js";

const INTERVAL = 2000;
/** The maximum number of points of a line; for longer ranges, each point stands for a group of seconds. */
const MOST_POINTS = 900;
/** The shortest time that charts cover, in seconds. */
const SHORTEST = 60;
/** Window of the current rate, in seconds. */
const RATE_SECONDS = 5;
const STAGES = ["entry", "recursion", "exit"];

/** The part of the server's history that is drawn, in columns. */
let seen = null;
let range = Number(byId("range").value);
let charts = [];
let model = null;
let hasRouter = false;
let recursions = 1;
let paused = false;
let timer = 0;

/** The distances between ticks on an axis of whole numbers. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000];

const number = (decimals) => (value) => fixed(value, decimals);
const seconds = (value) => duration(1000 * value);
const newest = () => seen.time.at(-1) ?? Date.now() / 1000;
/** The left end of the charts; soon after a server's start this is its first sample, so that the charts are full. */
const oldest = () => Math.max(newest() - range, Math.min(seen.time[0] ?? 0, newest() - SHORTEST));

/** The charts. A chart that spans gaps has values only when a request ends. The function of a line computes a value from the samples after index `before` up to index `end` of the history. */
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
    { title: word("chart.memory"), unit: word("chart.inUse"), say: percent, tick: wholePercent, most: 1, lines: [[word("chart.allPages"), mostOf(() => seen.cache_usage)]] },
  ];
  const ofRecursions = [
    { title: word("chart.pages"), unit: word("chart.ofWork"), say: number(0), whole: true, stacked: true, lines: depths.map((depth) => [
      word("chart.recursion", { depth }), mostOf(() => seen.cache_pages[depth - 1] ?? []),
    ]) },
    { title: word("chart.saved"), unit: word("chart.inEnded"), say: percent, tick: wholePercent, most: 1, spansGaps: true, lines: [[word("chart.savedLine"), saved]] },
  ];
  const ofRouter = [
    { title: word("chart.depths"), unit: word("chart.ofTokens"), say: percent, tick: wholePercent, most: 1, stacked: true, lines: depths.map((depth) => [word("chart.depth", { depth }), shareAt(depth)]) },
    { title: word("chart.drift"), unit: word("chart.fromTraining"), say: number(2), most: 1, lines: [[word("chart.driftLine"), newestOf(() => seen.router.drift)]] },
    { title: word("chart.confidence"), unit: word("chart.decided"), say: percent, tick: wholePercent, most: 1, lines: [[word("chart.confidenceLine"), newestOf(() => seen.router.confidence)]] },
  ];
  return [...general, ...(recursions > 1 ? ofRecursions : []), ...(hasRouter ? ofRouter : [])];
}

const newestOf = (column) => (_, end) => column()[end] ?? NaN;

/** The maximum over a group of seconds, so that a burst is visible on a long range too. */
const mostOf = (column) => (before, end) => Math.max(...column().slice(before + 1, end + 1));

/** The growth of a counter; NaN where a new engine started it at 0 again. */
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

/** One chart: a caption, a key for each line with its newest value or its value under the pointer, and the lines. */
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
    const key = this.planned.stacked ? element("span", { class: "swatch d" + (index + 1), "aria-hidden": "true" }) : lineKey(index);
    const value = element("b", {}, "–");
    const most = element("span", { class: "note" });
    this.keys.append(element("li", {}, key, name + " ", value, " ", most));
    return [value, most];
  }

  /** Draws one point for each group of seconds; a group is given by the index of its last sample. */
  draw(ends) {
    this.points = [ends.map((end) => seen.time[end])];
    for (const [, value] of this.planned.lines) {
      this.points.push(ends.map((end, index) => finite(value(index > 0 ? ends[index - 1] : -1, end))));
    }
    if (this.plot) this.plot.setData(this.drawn());
    else this.make();
    if (this.plot.cursor.idx === null || this.plot.cursor.left < 0) this.tell(this.points[0].length - 1);
  }

  /** The points in the form that uPlot draws: in a stack, each layer is the sum of its line and those below, and the topmost layer is drawn first, so that lower layers cover it. */
  drawn() {
    const [times, ...lines] = this.points;
    if (!this.planned.stacked) return this.points;
    const layers = lines.map((_, top) => times.map((_, at) => (lines[0][at] === null ? null : lines.slice(0, top + 1).reduce((sum, line) => sum + line[at], 0))));
    return [times, ...layers.reverse()];
  }

  /** Writes the value of each line at an index, and its maximum. */
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
    const { colour, axis } = chartStyle();
    const { most, whole, say, tick = say, stacked, spansGaps = false, lines } = this.planned;
    const least = whole ? 4 : 1e-3;
    const layer = (depth) => ({ stroke: colour("--soft"), fill: colour("--d" + depth), width: 0.5 });
    const line = (index) => ({ stroke: colour("--s" + (index % 5)), width: 1.5 });
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
          { ...axis, size: 56, ...(whole ? { incrs: WHOLE } : {}), values: (_, ticks) => ticks.map(tick) },
        ],
        series: [{}, ...lines.map((_, index) => ({ spanGaps: spansGaps, points: { show: true, size: 4, filter: lonely }, ...(stacked ? layer(lines.length - index) : line(index)) }))],
        hooks: {
          drawClear: [(plot) => shade(plot, colour("--warn"))],
          setCursor: [(plot) => this.point(plot)],
        },
      },
      this.drawn(),
      this.place,
    );
  }

  /** Writes the values under the pointer, in all charts. */
  point({ cursor }) {
    const isAway = cursor.idx === null || cursor.idx === undefined || cursor.left < 0;
    const index = isAway ? this.points[0].length - 1 : cursor.idx;
    this.tell(index);
    byId("moment").textContent = isAway ? "" : clock(this.points[0][index]);
  }
}

/** The points without neighbours, which no line would show. */
function lonely({ data }, series) {
  const isThere = (index) => (data[series][index] ?? null) !== null;
  return data[series].map((_, index) => index).filter((index) => isThere(index) && !isThere(index - 1) && !isThere(index + 1));
}

const finite = (value) => (Number.isFinite(value) ? value : null);

/** Marks the time during which the router was overruled. */
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
    const when = one.time ? moment(1000 * one.time) : one.number;
    return element("li", {}, when + ": " + word("breaker.short." + one.state) + (one.key ? " (" + one.key + ")" : "") + (one.detail ? word("list.space") + one.detail : ""));
  });
  byId("transitions").replaceChildren(...changes);
  writeBanner(state, message, transitions, (more.keys ?? []).filter((one) => one.state !== "closed").map((one) => one.key), more.for_all);
}

/** The earliest time at which the breaker opened for a key for which it is still open, if known. */
function openSince(transitions) {
  const times = new Map();
  for (const { state, key = "", time } of transitions) {
    if (state === "closed") times.delete(key);
    else if (time && !times.has(key)) times.set(key, time);
  }
  return times.size > 0 ? Math.min(...times.values()) : null;
}

/** Shows since when the breaker has been open, for all or for some keys. */
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

/** Appends new samples and drops those that are no longer drawn. */
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

/** A path with the displayed model in its query. */
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
