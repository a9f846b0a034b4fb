// Who asked what, what it cost, and how it ended.

import { begin, byId, element, fixed, mark, metric, percent, showProblem } from "./page.js";
import { getJson } from "./server.js";
import { word } from "./words.js";

const PAGE = 50;
let last = null;

begin((models) => {
  mark(models);
  load(false);
});

/** What the filter says, as a query. */
function query(after) {
  const asked = new URLSearchParams({ limit: String(PAGE) });
  for (const name of ["since", "until", "subject", "status"]) {
    const value = byId(name).value.trim();
    if (value !== "") asked.set(name, value);
  }
  if (after) asked.set("after", after);
  return asked;
}

async function load(more) {
  let answer;
  try {
    answer = await getJson("v1/audit?" + query(more ? last : null));
    showProblem(null);
  } catch (failure) {
    showProblem(failure);
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

const time = (stamp) => new Date(stamp).toLocaleString("sv-SE");

const milliseconds = (value) => (value === null || value === undefined ? "–" : value < 1000 ? fixed(value, 0) + " ms" : fixed(value / 1000, 2) + " s");

function meanDepth(counts) {
  const tokens = counts.reduce((sum, count) => sum + count, 0);
  return tokens === 0 ? NaN : counts.reduce((sum, count, index) => sum + count * (index + 1), 0) / tokens;
}

function ofDepth(cell) {
  cell.classList.add("of-depth");
  return cell;
}

/** How many columns are seen. */
const columns = () => Array.from(byId("records").tHead.rows[0].cells).filter((cell) => cell.checkVisibility()).length;

function row(record) {
  const { spending, timing } = record;
  const number = (value, more) => element("td", { class: "number" }, value, more ? element("span", { class: "note" }, more) : "");
  const cells = [
    element("td", {}, details(record)),
    element("th", { scope: "row" }, time(record.time)),
    element("td", {}, record.subject ?? "–"),
    element("td", {}, record.path),
    element("td", { class: record.status >= 400 ? "failed" : undefined }, record.status + (record.error ? " " + record.error : "")),
  ];
  if (spending) {
    const depths = spending.tokens_at_depth;
    const all = spending.flops + spending.flops_saved;
    cells.push(
      number(String(spending.prompt_tokens), spending.cached_tokens > 0 ? word("audit.cached", { number: spending.cached_tokens }) : ""),
      number(String(spending.completion_tokens)),
      ofDepth(number(fixed(meanDepth(depths)), depths.join(" · "))),
      number(metric(spending.flops, "FLOP"), depths.length > 1 ? word("audit.saved", { share: percent(spending.flops_saved / all, 0) }) : ""),
    );
  } else {
    cells.push(number("–"), number("–"), ofDepth(number("–")), number("–"));
  }
  cells.push(
    number(milliseconds(timing.first_token)),
    number(milliseconds(timing.total)),
    element("td", {}, record.finish_reason ?? "–"),
  );
  return element("tr", {}, ...cells);
}

/** Shows all that is kept of a request in a row of its own below it, as wide as the table and seen whole. */
function details(record) {
  const button = element("button", { type: "button", "aria-expanded": "false" }, word("audit.open"));
  let opened = null;
  button.addEventListener("click", () => {
    if (opened) {
      opened.remove();
      opened = null;
    } else {
      const text = element("pre", { tabindex: "0" }, JSON.stringify(record, null, 2));
      opened = element("tr", { class: "opened" }, element("td", { colspan: columns() }, text));
      button.closest("tr").after(opened);
    }
    button.setAttribute("aria-expanded", String(opened !== null));
    button.textContent = word(opened ? "audit.close" : "audit.open");
  });
  return button;
}

byId("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  load(false);
});

byId("more").addEventListener("click", () => load(true));
