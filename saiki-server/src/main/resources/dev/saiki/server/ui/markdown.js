// Markdown as elements. marked parses it; no markup is created from strings, and nothing is loaded from other servers.

import { lexer } from "./marked.esm.js";
import { element } from "./elements.js";
import { word } from "./words.js";

const OPTIONS = { gfm: true, breaks: true };
const SAFE_LINK = /^(https?:|mailto:)/i;
const INLINE = { strong: "strong", em: "em", del: "del" };

/** The pieces of a text and their depths, which give the leaves of the parsed text their colours, in order. */
class Colours {
  constructor(source, pieces, begin) {
    this.source = source;
    this.pieces = pieces;
    this.at = begin;
    this.index = 0;
    this.end = 0;
  }

  /** Adds a text in the colours of its pieces; a text that does not occur literally in the source stays plain. */
  leaf(place, text) {
    const begin = this.source.indexOf(text, this.at);
    if (begin < 0 || this.pieces.length === 0) {
      place.append(text);
      return;
    }
    this.at = begin + text.length;
    for (let at = begin; at < this.at; ) {
      while (this.index < this.pieces.length && this.end + this.pieces[this.index][0].length <= at) {
        this.end += this.pieces[this.index++][0].length;
      }
      const [piece, depth] = this.pieces[this.index] ?? [text, null];
      const next = this.index < this.pieces.length ? Math.min(this.at, this.end + piece.length) : this.at;
      const part = this.source.slice(at, next);
      place.append(depth ? element("span", { class: "d" + depth, title: word("chat.depth", { depth }) }, part) : part);
      at = next;
    }
  }
}

function inline(place, tokens, colours) {
  for (const token of tokens ?? []) {
    if (token.type in INLINE) inline(add(place, INLINE[token.type]), token.tokens, colours);
    else if (token.type === "br") add(place, "br");
    else if (token.type === "codespan") colours.leaf(add(place, "code"), token.text);
    else if (token.type === "link") inline(link(place, token.href), token.tokens, colours);
    // An image would be loaded from another server; its text is a link to the image instead.
    else if (token.type === "image") colours.leaf(link(place, token.href), token.text || token.href);
    else if (token.tokens) inline(place, token.tokens, colours);
    else colours.leaf(place, token.type === "escape" || token.type === "text" ? token.text : token.raw);
  }
}

function add(place, name, attributes) {
  const made = element(name, attributes);
  place.append(made);
  return made;
}

function link(place, href) {
  if (!SAFE_LINK.test(href)) return add(place, "span");
  return add(place, "a", { href, rel: "noopener noreferrer", target: "_blank" });
}

/** One block, always as a single node, so that the index of a node is the index of its block. */
function block(token, colours) {
  switch (token.type) {
    case "heading":
      // Screen readers do not accept a heading without text.
      return filled(token.text === "" ? "p" : "h3", token.tokens, colours, { class: "level-" + token.depth });
    case "paragraph":
      return filled("p", token.tokens, colours);
    case "text":
      return token.tokens ? filled("span", token.tokens, colours) : leaf("span", token.text, colours);
    case "code": {
      const code = leaf("code", token.text, colours);
      return element("pre", { tabindex: "0" }, code);
    }
    case "blockquote":
      return element("blockquote", {}, ...token.tokens.map((one) => block(one, colours)));
    case "list":
      return element(token.ordered ? "ol" : "ul", { start: token.start === 1 || !token.ordered ? undefined : token.start }, ...token.items.map((item) => entry(item, colours)));
    case "table":
      return table(token, colours);
    case "hr":
      return element("hr");
    case "space":
    case "def":
      return document.createTextNode("");
    default:
      return leaf("p", token.raw.trim(), colours);
  }
}

function entry(item, colours) {
  const mark = item.task ? [item.checked ? "☑ " : "☐ "] : [];
  const blocks = item.tokens.filter((one) => one.type !== "checkbox");
  return element("li", {}, ...mark, ...blocks.map((one) => block(one, colours)));
}

function table(token, colours) {
  const row = (cells, name) => element("tr", {}, ...cells.map((cell) => filled(name, cell.tokens, colours)));
  const made = element("table", {}, element("thead", {}, row(token.header, "th")), element("tbody", {}, ...token.rows.map((cells) => row(cells, "td"))));
  return element("div", { class: "scroll", tabindex: "0" }, made);
}

function filled(name, tokens, colours, attributes = {}) {
  const made = element(name, attributes);
  inline(made, tokens, colours);
  return made;
}

function leaf(name, text, colours) {
  const made = element(name);
  colours.leaf(made, text);
  return made;
}

/** A view of a growing text: nodes of unchanged blocks are kept. */
export class MarkdownView {
  constructor(place) {
    this.place = place;
    this.raws = [];
  }

  /** Shows pieces, each a text and its depth or null. */
  show(pieces) {
    const source = pieces.map(([text]) => text).join("").replace(/\r/g, "\n");
    const blocks = lexer(source, OPTIONS);
    let same = 0;
    let begin = 0;
    while (same < blocks.length && same < this.raws.length - 1 && blocks[same].raw === this.raws[same]) begin += blocks[same++].raw.length;
    while (this.place.childNodes.length > same) this.place.lastChild.remove();
    for (const one of blocks.slice(same)) {
      this.place.append(block(one, new Colours(source, pieces, begin)));
      begin += one.raw.length;
    }
    this.raws = blocks.map((one) => one.raw);
  }
}
