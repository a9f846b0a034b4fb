// Tokens in the colours of their depths.

import { byId, element, percent } from "./elements.js";
import { word } from "./words.js";

/** Replaces invisible characters with visible ones. */
export function visible(text) {
  return text.replace(/\n/g, "↵").replace(/\r/g, "↵").replace(/\t/g, "⇥").replace(/^ | $/g, "␣");
}

/** A token as displayed in the text; a line break gets a mark and is kept. */
export function tokenText(text) {
  if (text === "") return "·";
  return text.replace(/\n/g, "↵\n");
}

/** Writes the colours of the depths, and the share of tokens at each. */
export function writeLegend(recursions, histogram, place = byId("legend")) {
  const all = histogram?.reduce((sum, count) => sum + count, 0) ?? 0;
  const entries = [];
  for (let depth = 1; depth <= recursions; depth++) {
    const name = depth === 1 ? word("legend.one") : word("legend.more", { depth });
    const share = all > 0 ? " " + percent(histogram[depth - 1] / all) : "";
    entries.push(element("li", {}, element("span", { class: "d" + depth }, name), share));
  }
  place.replaceChildren(...entries);
}
