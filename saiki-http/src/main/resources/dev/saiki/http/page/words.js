// The texts of the pages, in the language in which the page was sent.

import english from "./words.en.js";
import japanese from "./words.ja.js";

const WORDS = document.documentElement.lang === "ja" ? japanese : english;

export const hasWord = (name) => name in WORDS;

/** A text by its name, with the places in braces filled. */
export function word(name, values = {}) {
  const text = WORDS[name];
  if (text === undefined) throw new Error("no text named " + name);
  return text.replace(/\{(\w+)\}/g, (_, place) => String(values[place]));
}
