// The words of the pages, in the language that the page was sent in.

import english from "./words.en.js";
import japanese from "./words.ja.js";

const WORDS = document.documentElement.lang === "ja" ? japanese : english;

/** A text by its name, its places in braces filled. */
export function word(name, values = {}) {
  const text = WORDS[name];
  if (text === undefined) throw new Error("no words for " + name);
  return text.replace(/\{(\w+)\}/g, (_, place) => String(values[place]));
}
