// The audit records: key, path, cost and outcome of each request.

import { byId, duration, element, fixed, metric, moment, percent } from "./elements.js";
import { begin, mark, showProblem } from "./page.js";
import { getText, postJson } from "./server.js";
import { tokenText, writeLegend } from "./tokens.js";
import { word } from "./words.js";

const PAGE = 50;
const WIDE = matchMedia("(min-width: 64rem)");
/** Whether the server keeps records; otherwise the page says how to turn them on. */
const isOn = byId("filter") !== null;
let last = null;
let models = [];

begin((served) => {
  models = served;
  mark(models);
  if (isOn) load(false);
});

/** The filter as a query. */
function query(after) {
  const asked = new URLSearchParams({ limit: String(PAGE) });
  for (const name of ["since", "until", "subject", "status"]) {
    const value = byId(name).value.trim();
    if (value !== "") asked.set(name, value);
  }
  if (after) asked.set("after", after);
  return asked;
}

/** Keeps a seed as text: as a number it would lose its last digits. */
const exact = (name, value, context) => (name === "seed" && context?.source ? context.source : value);

/** Lists the records that match the filter, or appends the next ones, and cancels the request in progress. */
let asking = null;
async function load(more) {
  asking?.abort();
  asking = new AbortController();
  let answer;
  try {
    answer = JSON.parse(await getText("v1/audit?" + query(more ? last : null), asking.signal), exact);
    showProblem(null);
  } catch (failure) {
    if (failure.name !== "AbortError") showProblem(failure);
    return;
  }
  const records = answer.data;
  const rows = records.map(row);
  const body = byId("records").tBodies[0];
  if (more) body.append(...rows);
  else body.replaceChildren(...rows);
  last = answer.last_id ?? last;
  byId("more").hidden = !answer.has_more;
  const count = body.querySelectorAll("tr:not(.opened)").length;
  byId("count").textContent = count === 0 ? word("audit.none") : count === 1 ? word("audit.one") : word("audit.many", { number: count });
}

function meanDepth(counts) {
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  return tokens === 0 ? NaN : counts.reduce((sum, count, index) => sum + count * (index + 1), 0) / tokens;
}

const saved = ({ flops, flops_saved: less }) => word("audit.saved", { share: percent(less / (flops + less)) });

function ofDepth(cell) {
  cell.classList.add("of-depth");
  return cell;
}

/** The number of visible columns. */
const columns = () => Array.from(byId("records").tHead.rows[0].cells).filter((cell) => cell.checkVisibility()).length;

function row(record) {
  const { spending, timing } = record;
  const number = (value, more) => element("td", { class: "number" }, value, more ? element("span", { class: "note" }, more) : "");
  const outcome = record.error ?? record.finish_reason ?? "";
  const cells = [
    element("th", { scope: "row" }, moment(record.time)),
    element("td", {}, record.subject ?? "–"),
    element("td", {}, record.path, element("span", { class: "note" }, record.model.name)),
    element("td", { class: record.status >= 400 ? "failed" : undefined }, String(record.status), element("span", { class: "note" }, outcome)),
  ];
  if (spending) {
    const depths = spending.tokens_at_depth;
    cells.push(
      number(String(spending.prompt_tokens), spending.cached_tokens > 0 ? word("audit.cached", { number: spending.cached_tokens }) : ""),
      number(String(spending.completion_tokens)),
      ofDepth(number(fixed(meanDepth(depths)), depths.join(" · "))),
      number(metric(spending.flops, "FLOP"), depths.length > 1 ? saved(spending) : ""),
    );
  } else {
    cells.push(number("–"), number("–"), ofDepth(number("–")), number("–"));
  }
  cells.push(number(duration(timing.first_token ?? NaN)), number(duration(timing.total)), element("td", {}, opener(record)));
  return element("tr", {}, ...cells);
}

/** A button that opens the record in a row below its own. */
function opener(record) {
  const button = element("button", { type: "button", "aria-expanded": "false" }, word("audit.open"));
  let opened = null;
  button.addEventListener("click", () => {
    if (opened) {
      opened.remove();
      opened = null;
    } else {
      opened = element("tr", { class: "opened" }, element("td", { colspan: columns() }, element("div", { class: "record" }, ...layout(record))));
      button.closest("tr").after(opened);
    }
    button.setAttribute("aria-expanded", String(opened !== null));
    button.textContent = word(opened ? "audit.close" : "audit.open");
  });
  return button;
}

/** The readable form of a record: its texts, settings and cost, and its JSON. */
function layout(record) {
  const { settings, spending, timing, model } = record;
  const short = (hash) => (hash === "" ? "–" : hash.slice(0, 12));
  const request = [
    [word("audit.requestId"), record.request_id], [word("chat.modelChoice"), model.name], [word("audit.version"), short(model.version)],
    [word("audit.queue"), duration(timing.queue ?? NaN)], [word("audit.firstToken"), duration(timing.first_token ?? NaN)], [word("audit.all"), duration(timing.total)],
  ];
  return [
    ...record.texts.flatMap((text) => said(text, model.name, record.texts.length === 1 ? spending?.prompt_tokens : undefined)),
    ...(record.texts.length === 0 && record.status < 400 ? [element("p", { class: "note" }, word("audit.noTexts"))] : []),
    element("div", { class: "columns" },
      facts(word("audit.request"), request),
      ...(settings ? [facts(word("audit.settings"), settled(settings))] : []),
      ...(spending ? [facts(word("audit.cost"), costs(spending))] : [])),
    element("details", {}, element("summary", {}, word("audit.raw")), element("pre", { tabindex: "0" }, JSON.stringify(record, null, 2))),
  ];
}

const facts = (title, rows) =>
  element("section", {}, element("h2", {}, title), element("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));

const settled = (settings) => [
  [word("chat.maxTokens"), String(settings.max_tokens)],
  [word("chat.temperature"), String(settings.temperature)],
  [word("audit.sampling"), [settings.top_p, settings.top_k, settings.min_p].join(" / ")],
  [word("chat.seed"), String(settings.seed)],
  ...(settings.effort === null ? [] : [[word("dial.effort"), fixed(settings.effort)]]),
  ...(settings.max_depth === null ? [] : [[word("dial.maxDepth"), String(settings.max_depth)]]),
  [word("audit.choices"), settings.prompts + " × " + settings.choices],
];

const costs = (spending) => [
  [word("audit.read"), String(spending.prompt_tokens)],
  [word("audit.written"), String(spending.completion_tokens)],
  ...(spending.tokens_at_depth.length > 1 ? [[word("audit.meanDepth"), fixed(meanDepth(spending.tokens_at_depth))]] : []),
  [word("audit.arithmetic"), metric(spending.flops, "FLOP")],
  ...(spending.tokens_at_depth.length > 1 ? [["", saved(spending)]] : []),
];

/** The prompt and the answer; each token gets the colour of its depth once the tokens are known. */
function said({ prompt, answer, depths }, model, first) {
  const asked = element("p", { class: "said" }, prompt);
  const written = element("p", { class: "said" }, answer);
  const legend = element("ul", { class: "legend depths of-depth" });
  colour(asked, written, legend, { prompt, answer, depths }, model, first);
  return [element("h2", {}, word("audit.prompt")), asked, element("h2", {}, word("audit.answer")), written, legend];
}

/** The tokens of a text; tokens that are parts of one character are joined, since a part alone cannot be displayed. */
async function tokenize(model, text) {
  if (text === "") return [];
  const { token_strs: names } = await postJson("tokenize", { model, prompt: text, add_special_tokens: false, return_token_strs: true });
  const tokens = names.map((name) => (/^bytes:(\\x..)+$/.test(name) ? { bytes: Array.from(name.matchAll(/x(..)/g), ([, hex]) => parseInt(hex, 16)) } : { text: name }));
  for (let index = 0; index < tokens.length; index++) {
    const begin = index;
    const bytes = [];
    for (; tokens[index]?.bytes; index++) {
      bytes.push(...tokens[index].bytes);
      tokens[index] = { text: "" };
    }
    if (bytes.length > 0) tokens[begin] = { text: new TextDecoder().decode(Uint8Array.from(bytes)) };
  }
  return tokens.map(({ text: piece }) => piece);
}

/** Whether the tokens, joined, equal a text; first removes the space that some tokenizers put before the text. */
function restore(tokens, text) {
  if (tokens.length > 0 && !text.startsWith(" ")) tokens[0] = tokens[0].replace(/^ /, "");
  return tokens.join("") === text;
}

/** Colours the prompt and the answer if the served tokenizer seems to split them as when they were recorded; otherwise they stay plain. */
async function colour(asked, written, legend, { prompt, answer, depths }, name, first) {
  const model = models.find((one) => one.id === name);
  if (!model || model.meta.num_recursions < 2 || depths.length === 0) return;
  let before;
  let behind;
  try {
    [before, behind] = [await tokenize(name, prompt), await tokenize(name, answer)];
  } catch {
    return;
  }
  // A chat's prompt may begin with a token that has no text.
  const begin = first ?? before.length;
  const isKnown = restore(before, prompt) && restore(behind, answer) && begin >= before.length && depths.length - begin <= behind.length + 1;
  if (!isKnown) return;
  const span = (piece, depth) => (depth ? element("span", { class: "d" + depth, title: word("chat.depth", { depth }) }, tokenText(piece)) : piece);
  const colours = (pieces, from) => pieces.flatMap((piece, index) => (piece === "" ? [] : [span(piece, depths[from + index])]));
  asked.replaceChildren(...colours(before, begin - before.length));
  written.replaceChildren(...colours(behind, begin));
  const histogram = Array.from({ length: model.meta.num_recursions }, (_, index) => depths.filter((depth) => depth === index + 1).length);
  writeLegend(model.meta.num_recursions, histogram, legend);
}

if (isOn) {
  byId("fields").open = WIDE.matches;
  WIDE.addEventListener("change", () => (byId("fields").open = WIDE.matches));
  byId("filter").addEventListener("submit", (event) => {
    event.preventDefault();
    load(false);
  });
  byId("more").addEventListener("click", () => load(true));
}
