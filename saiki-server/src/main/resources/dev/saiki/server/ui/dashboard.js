// What the server is at, and was at while this page was open.

import { begin, byId, bytes, element, figure, fixed, metric, percent, showProblem } from "./page.js";
import { getJson, getText } from "./server.js";
import { byLabel, growth, parse, quantile, total } from "./metrics.js";
import { word } from "./words.js";
import uPlot from "./uPlot.esm.js";

const INTERVAL = 2000;
const KEPT = 900;
/** Looks back for latencies: single looks hold few requests. */
const LATENCY_LOOKS = 15;
const DASHES = [[], [9, 4], [2.5, 3], [9, 3, 2, 3], [14, 4]];
const TTFT = "gen_ai_server_time_to_first_token_seconds";
const TPOT = "gen_ai_server_time_per_output_token_seconds";
const STAGES = ["entry", "recursion", "exit"];

const looks = [];
let charts = [];
let paused = false;
let timer = 0;

/** Distances of lines where only whole numbers make sense. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000];

const clock = (time) => new Date(1000 * time).toTimeString().slice(0, 8);
const number = (decimals) => (value) => fixed(value, decimals);
const share = (value) => percent(value, 0);
const seconds = (value) => (value < 1 ? fixed(1000 * value, 0) + " ms" : Number.isFinite(value) ? fixed(value, 2) + " s" : "–");

/** What is drawn: each line takes its value from the newest look and those before it, and from what the server remembers. */
function plan(model) {
  const recursions = model.meta.num_recursions;
  const depths = Array.from({ length: recursions }, (_, index) => index + 1);
  return [
    { title: word("chart.requests"), unit: "", say: number(0), whole: true, lines: [
      [word("chart.atWork"), (now) => total(now.series, "saiki_requests_running"), (sample) => sample.running],
      [word("chart.waiting"), (now) => total(now.series, "saiki_requests_waiting"), (sample) => sample.waiting],
    ] },
    { title: word("chart.tokens"), unit: word("chart.perSecond"), say: number(0), lines: [
      [word("chart.readWritten"), rate((now, before) => growthOfLabel(before, now, "saiki_step_tokens_total", "step", "0"))],
    ] },
    { title: word("chart.firstToken"), unit: word("chart.halfMinute"), say: seconds, lines: [
      [word("chart.half"), latency(TTFT, 0.5)], [word("chart.most"), latency(TTFT, 0.95)],
    ] },
    { title: word("chart.furtherToken"), unit: word("chart.halfMinute"), say: seconds, lines: [
      [word("chart.half"), latency(TPOT, 0.5)], [word("chart.most"), latency(TPOT, 0.95)],
    ] },
    { title: word("chart.fill"), unit: word("chart.perRun"), say: number(1), lines: STAGES.map((stage) => [word("stage." + stage), fill(stage)]) },
    { title: word("chart.memory"), unit: word("chart.inUse"), say: share, most: 1, lines: [
      [word("chart.allPages"), (now) => total(now.series, "saiki_cache_usage_ratio"), (sample) => sample.cache_usage],
    ] },
    { title: word("chart.pages"), unit: word("chart.ofWork"), say: number(0), whole: true, lines: depths.map((depth) => [
      word("chart.recursion", { depth }), (now) => byLabel(now.series, "saiki_cache_pages", "step").get(String(depth - 1)) ?? NaN,
    ]) },
    { title: word("chart.depths"), unit: word("chart.ofTokens"), say: share, most: 1, lines: depths.map((depth) => [
      word("chart.depth", { depth }), shareAt(depth), (sample) => (sample.tokens > 0 ? sample.shares[depth - 1] : NaN),
    ]) },
    { title: word("chart.drift"), unit: word("chart.fromTraining"), say: number(2), most: 1, lines: [
      [word("chart.driftLine"), (now) => now.router.window.drift, (sample) => sample.drift],
    ] },
    { title: word("chart.confidence"), unit: word("chart.decided"), say: share, most: 1, lines: [
      [word("chart.confidenceLine"), (now) => now.router.window.confidence, (sample) => sample.confidence],
    ] },
    { title: word("chart.saved"), unit: word("chart.inEnded"), say: share, most: 1, lines: [[word("chart.savedLine"), saved]] },
  ];
}

const rate = (grown) => (now, before) => (before ? grown(now, before) / ((now.time - before.time) || 1) : NaN);

function growthOfLabel(before, now, name, label, value) {
  const old = byLabel(before.series, name, label).get(value) ?? 0;
  const grown = (byLabel(now.series, name, label).get(value) ?? NaN) - old;
  return grown >= 0 ? grown : NaN;
}

const latency = (name, share) => (now, before, earlier) => (earlier ? quantile(earlier.series, now.series, name, share) : NaN);

const fill = (stage) => (now, before) => {
  if (!before) return NaN;
  const runs = growthOfLabel(before, now, "saiki_stage_runs_total", "stage", stage);
  return runs > 0 ? growthOfLabel(before, now, "saiki_stage_rows_total", "stage", stage) / runs : NaN;
};

const shareAt = (depth) => (now, before) => {
  if (!before) return NaN;
  const took = (step) => growthOfLabel(before, now, "saiki_step_tokens_total", "step", String(step));
  const deeper = took(depth);
  const all = took(0);
  return all > 0 ? (took(depth - 1) - (Number.isNaN(deeper) ? 0 : deeper)) / all : NaN;
};

function saved(now, before) {
  if (!before) return NaN;
  const less = growth(before.series, now.series, "saiki_flops_saved_total");
  const all = less + growth(before.series, now.series, "saiki_flops_total");
  return all > 0 ? less / all : NaN;
}

/** One chart: caption, keys with the newest values, and lines. */
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
    this.keys.append(element("li", {}, svg, name + " ", value));
    return value;
  }

  add(now, before, earlier) {
    this.points[0].push(now.time);
    this.planned.lines.forEach(([, value], index) => {
      const measured = value(now, before, earlier);
      this.points[index + 1].push(Number.isFinite(measured) ? measured : null);
      this.values[index].textContent = this.planned.say(measured);
    });
    if (this.points[0].length > KEPT) this.points.forEach((column) => column.shift());
  }

  /** Begins with what the server remembers of the time before this page was opened. */
  remember(samples) {
    for (const sample of samples) {
      this.points[0].push(sample.time);
      this.planned.lines.forEach(([, , past], index) => {
        const measured = past ? past(sample) : NaN;
        this.points[index + 1].push(Number.isFinite(measured) ? measured : null);
      });
    }
  }

  draw() {
    if (this.plot) this.plot.setData(this.points);
    else this.make();
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
        height: 190,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, low, high) => [0, most ?? Math.max(least, (high || 1) * 1.1)] } },
        axes: [
          { ...axis, space: 80, values: (_, ticks) => ticks.map(clock) },
          { ...axis, size: 56, ...(whole ? { incrs: WHOLE } : {}), values: (_, ticks) => ticks.map(say) },
        ],
        series: [{}, ...this.planned.lines.map((_, index) => ({
          stroke: colour("--s" + (index % 5)), width: 2, dash: DASHES[index % 5], points: { show: this.points[0].length < 2 }, spanGaps: false,
        }))],
      },
      this.points,
      this.place,
    );
  }
}

function writeFigures(now, before) {
  const { series } = now;
  const refusals = byLabel(series, "saiki_refusals_total", "status");
  const refused = Array.from(refusals).filter(([, count]) => count > 0).map(([status, count]) => count + " × " + status).join(", ");
  const perSecond = rate((one, other) => growthOfLabel(other, one, "saiki_step_tokens_total", "step", "0"))(now, before);
  byId("figures").replaceChildren(
    figure(word("figure.atWork"), fixed(total(series, "saiki_requests_running"), 0), word("figure.waiting", { number: fixed(total(series, "saiki_requests_waiting"), 0) })),
    figure(word("figure.perSecond"), fixed(perSecond, 0), word("figure.through")),
    figure(word("figure.meanDepth"), fixed(total(series, "saiki_mean_depth")), word("figure.sinceStart")),
    figure(word("figure.saved"), percent(total(series, "saiki_flops_saved_ratio")), word("figure.againstFull")),
    figure(word("figure.cache"), percent(total(series, "saiki_cache_usage_ratio")), bytes(total(series, "saiki_cache_bytes"))),
    figure(word("figure.written"), metric(total(series, "saiki_generation_tokens_total")), word("figure.read", { number: metric(total(series, "saiki_prompt_tokens_total")) })),
    figure(word("figure.refused"), fixed(total(series, "saiki_refusals_total") || 0, 0), refused === "" ? word("figure.refusedNone") : refused),
  );
}

function writeSlots(slots) {
  byId("no-slots").hidden = slots.length > 0;
  byId("slots").hidden = slots.length === 0;
  byId("slots").tBodies[0].replaceChildren(
    ...slots.map((slot) =>
      element("tr", {},
        element("th", { scope: "row" }, String(slot.id)),
        element("td", {}, word("slot." + slot.state)),
        element("td", { class: "number" }, String(slot.prompt_tokens)),
        element("td", { class: "number" }, String(slot.generated_tokens)),
        element("td", { class: "number" }, slot.mean_depth === null ? "–" : fixed(slot.mean_depth)),
        element("td", {}, slot.pages.join(" · ")),
      ),
    ),
  );
}

function writeRouter({ state, reason, window, transitions, scores_not_finite: bad }) {
  const sentences = [word("breaker." + state), reason ? word("reason." + reason) : "", bad > 0 ? word("reason.badScores", { number: bad }) : ""];
  const message = sentences.filter((sentence) => sentence !== "").join(" ");
  if (byId("router-state").textContent !== message) byId("router-state").textContent = message;
  const rows = window.shares.map((taken, index) =>
    element("tr", {},
      element("th", { scope: "row" }, String(index + 1)),
      element("td", { class: "number" }, window.tokens > 0 ? percent(taken) : "–"),
      element("td", { class: "number" }, window.expected.length > 0 ? percent(window.expected[index]) : word("dashboard.notKnown")),
    ),
  );
  byId("router").tBodies[0].replaceChildren(...rows);
  const changes = transitions.toReversed().map((one) => element("li", {}, one.number + ": " + word("breaker." + one.state) + " " + one.detail));
  byId("transitions").replaceChildren(...changes);
}

async function look() {
  try {
    const [text, slots, router] = await Promise.all([getText("metrics"), getJson("slots"), getJson("router")]);
    const now = { time: Date.now() / 1000, series: parse(text), router };
    const before = looks.at(-1);
    if (!before) charts.forEach((chart) => chart.remember(router.history.samples.filter((sample) => sample.time < now.time)));
    looks.push(now);
    if (looks.length > LATENCY_LOOKS + 1) looks.shift();
    for (const chart of charts) {
      chart.add(now, before, before ? looks[0] : undefined);
      chart.draw();
    }
    writeFigures(now, before);
    writeRouter(router);
    writeSlots(slots);
    showProblem(null);
    say("");
  } catch (failure) {
    showProblem(failure);
    say(word("dashboard.stale"));
  }
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

const redraw = () => charts.forEach((chart) => chart.make());
addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

begin((model) => {
  clearTimeout(timer);
  looks.length = 0;
  charts = plan(model).map((planned) => new Chart(planned));
  byId("charts").replaceChildren(...charts.map((chart) => chart.figure));
  look();
});
