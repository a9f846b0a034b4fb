"use strict";
for (const passage of document.querySelectorAll(".passage")) {
  const panel = passage.nextElementSibling;
  const tokens = Array.from(passage.children);
  const descriptions = tokens.map((token) => token.title.split("\n"));
  for (const token of tokens) token.removeAttribute("title");
  let here = -1;
  const show = (index) => {
    if (index === here) return;
    if (here >= 0) tokens[here].classList.remove("here");
    here = index;
    tokens[here].classList.add("here");
    const head = document.createElement("p");
    const word = document.createElement("b");
    word.textContent = tokens[here].textContent.replace(/\n/g, "\u21b5");
    head.append(panel.dataset.token + " " + (here + 1) + "/" + tokens.length + " ", word);
    const list = document.createElement("ul");
    for (const line of descriptions[here]) list.append(Object.assign(document.createElement("li"), { textContent: line }));
    panel.replaceChildren(head, list);
    panel.classList.add("open");
  };
  const point = (event) => {
    const index = tokens.indexOf(event.target);
    if (index >= 0) show(index);
  };
  passage.addEventListener("pointerover", point);
  passage.addEventListener("click", point);
  passage.addEventListener("focus", () => { if (here < 0 && tokens.length > 0) show(0); });
  passage.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const last = tokens.length - 1;
    const next = { ArrowRight: here + 1, ArrowDown: here + 10, ArrowLeft: here - 1, ArrowUp: here - 10, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    show(Math.max(0, Math.min(last, next)));
    tokens[here].scrollIntoView({ block: "nearest" });
  });
}
for (const table of document.querySelectorAll("table.costs")) {
  const inputs = table.parentElement.parentElement.querySelector(".inputs");
  const stated = table.parentElement.parentElement.querySelector(".at-price");
  const words = table.dataset;
  const rows = Array.from(table.tBodies[0].rows);
  const significant = (value) => {
    if (!Number.isFinite(value)) return words.unmeasured;
    const decimals = value === 0 ? 0 : 2 - Math.floor(Math.log10(Math.abs(value)));
    return value.toFixed(Math.max(0, Math.min(9, decimals)));
  };
  const metric = (value) => {
    const prefixes = ["", " k", " M", " G", " T", " P", " E", " Z"];
    let prefix = 0;
    for (; value >= 999.5 && prefix < prefixes.length - 1; prefix++) value /= 1000;
    const whole = prefix === 0 && Number.isInteger(value);
    return value.toFixed(whole || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2) + prefixes[prefix];
  };
  const fill = (pattern, ...values) => values.reduce((text, value) => text.replace("#", value), pattern);
  const measured = (row, name) => row.dataset[name] === "" ? NaN : Number(row.dataset[name]);
  const entered = (name) => {
    const text = inputs.querySelector("[name=" + name + "]").value;
    return text === "" ? NaN : Number(text);
  };
  const paidBack = (seconds, row, other) => {
    const tokens = measured(row, "training") / seconds;
    if (Number.isNaN(tokens)) return words.unmeasured;
    if (other && !(measured(row, "slowest") > measured(other, "fastest"))) {
      return measured(row, "fastest") < measured(other, "slowest") ? words.never : words.undecided;
    }
    return seconds > 0 ? fill(words.after, metric(tokens)) : words.never;
  };
  const compute = () => {
    const price = entered("price");
    const held = entered("held");
    const elsewhere = entered("elsewhere");
    stated.textContent = fill(words.at, significant(price), String(held));
    for (const row of rows) {
      const perMillion = (name) => price / 3600 * 1e6 / measured(row, name);
      const bytes = measured(row, "cache") * held;
      const out = {
        million: Number.isFinite(perMillion("speed"))
          ? fill(words.spread, significant(perMillion("speed")), significant(perMillion("fastest")), significant(perMillion("slowest")))
          : words.unmeasured,
        user: Number.isFinite(bytes) ? significant(bytes / 1048576) + " MiB" : words.unmeasured,
        users: bytes > 0 ? String(Math.floor(1073741824 / bytes)) : words.unmeasured,
        baseline: row === rows[0] ? "\u2013" : paidBack(1 / measured(rows[0], "speed") - 1 / measured(row, "speed"), row, rows[0]),
        bought: Number.isNaN(elsewhere) ? words.ask : paidBack(elsewhere * 3600 / price / 1e6 - 1 / measured(row, "speed"), row, null),
      };
      for (const cell of row.querySelectorAll("[data-out]")) cell.textContent = out[cell.dataset.out];
    }
  };
  inputs.hidden = false;
  inputs.addEventListener("input", compute);
}
