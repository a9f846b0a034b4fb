// Tokens in the colours of their depths.

import { byId, element, percent } from "./page.js";
import { word } from "./words.js";

/** Characters that would not be seen otherwise. */
export function visible(text) {
  return text.replace(/\n/g, "↵").replace(/\r/g, "↵").replace(/\t/g, "⇥").replace(/^ | $/g, "␣");
}

/** A token as it stands in the text; a line break is marked and kept. */
export function tokenText(text) {
  if (text === "") return "·";
  return text.replace(/\n/g, "↵\n");
}

/** Says which colour is which depth, and how many tokens took it. */
export function writeLegend(recursions, histogram) {
  const all = histogram?.reduce((sum, count) => sum + count, 0) ?? 0;
  const entries = [];
  for (let depth = 1; depth <= recursions; depth++) {
    const name = depth === 1 ? word("legend.one") : word("legend.more", { depth });
    const share = all > 0 ? " " + percent(histogram[depth - 1] / all, 0) : "";
    entries.push(element("li", {}, element("span", { class: "d" + depth }, name), share));
  }
  byId("legend").replaceChildren(...entries);
}
