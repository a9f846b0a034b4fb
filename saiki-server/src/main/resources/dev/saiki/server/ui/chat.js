// Conversations with the model, shown token by token.

import { byId, element, fixed, metric, percent } from "./elements.js";
import { begin, chooseModel, dialed, setDial, showProblem } from "./page.js";
import { Refusal, postJson, postStream } from "./server.js";
import { all, eraseAll, forget, keep, keepSettings, settings } from "./chats.js";
import { MarkdownView } from "./markdown.js";
import { writeLegend } from "./tokens.js";
import { word } from "./words.js";

const WIDE = matchMedia("(min-width: 64rem)");
const KEPT = ["system", "temperature", "top-p", "max-tokens", "seed", "stops"];
/** Settings that are kept for one model only: another model starts with its own defaults. */
const KEPT_OF_MODEL = ["effort", "max-depth"];
/** The room for an answer below which the oldest messages are left out, in tokens and as a share of the context. */
const LEAST_ROOM = 16;
const LEAST_SHARE = 1 / 8;
/** Milliseconds between two drawings of a growing answer; the long time applies above this number of pieces. */
const PAUSE = { short: 30, long: 250, pieces: 1500 };

let model = null;
let chat = fresh();
let answering = null;

function fresh() {
  return { id: crypto.randomUUID?.() ?? String(Date.now()), time: Date.now(), messages: [], left: 0 };
}

begin((models) => chooseModel(models, take));

function take(chosen) {
  model = chosen;
  writeLegend(model.meta.num_recursions);
  setDial(model);
  const context = model.max_model_len;
  byId("max-tokens").max = context;
  if (byId("max-tokens").value === "") byId("max-tokens").value = Math.min(512, Math.floor(context / 2));
  const kept = settings();
  for (const id of kept.model === model.id ? [...KEPT, ...KEPT_OF_MODEL] : KEPT) if (typeof kept[id] === "string") byId(id).value = kept[id];
  byId("colours").checked = kept.colours !== false;
  colour();
  byId("effort").dispatchEvent(new Event("input"));
  draw();
}

// Settings

byId("settings").addEventListener("change", () => {
  if (model) keepSettings({ ...Object.fromEntries([...KEPT, ...KEPT_OF_MODEL].map((id) => [id, byId(id).value])), model: model.id, colours: byId("colours").checked });
  colour();
});

const isOnePass = () => model !== null && model.meta.num_recursions < 2;

/** Shows depths in colour, or answers as plain text. */
function colour() {
  byId("talk").classList.toggle("plain", !byId("colours").checked || isOnePass());
  byId("legend").hidden = !byId("colours").checked;
}

const number = (id) => (byId(id).value === "" ? undefined : Number(byId(id).value));

/** The request fields of the settings, except the length. */
function asked() {
  const stops = byId("stops").value.split("\n").filter((line) => line !== "");
  return {
    model: model.id,
    temperature: number("temperature"),
    top_p: number("top-p"),
    seed: number("seed"),
    ...(stops.length > 0 ? { stop: stops } : {}),
    ...dialed(),
  };
}

/** The messages in the form that is sent, after the system prompt if there is one. */
function sent(messages) {
  const system = byId("system").value.trim();
  const turns = messages.map(({ role, content }) => ({ role, content }));
  return system === "" ? turns : [{ role: "system", content: system }, ...turns];
}

// Room in the context

/** Finds the first message to send and the length of the answer: a full context shortens the answer, then drops the oldest messages. */
async function makeRoom({ messages, left }, signal) {
  const context = model.max_model_len;
  const wanted = number("max-tokens") ?? context;
  const least = Math.min(wanted, Math.max(LEAST_ROOM, Math.floor(context * LEAST_SHARE)));
  const room = async (from) => context - (await postJson("tokenize", { model: model.id, messages: sent(messages.slice(from)) }, signal)).count;
  const last = messages.length - 1;
  let from = Math.min(left, last);
  let there = await room(from);
  if (there < least && from < last) {
    // A question is dropped together with its answer; a binary search finds the first pair from which the rest fits.
    let low = from / 2 + 1;
    let high = last / 2;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((await room(2 * middle)) >= least) high = middle;
      else low = middle + 1;
    }
    from = 2 * low;
    there = await room(from);
  }
  if (there < 1) throw new Refusal(400, word("chat.tooLong", { tokens: context - there, context }));
  return { from, most: Math.min(wanted, there), isFull: there < wanted };
}

// Answers

/** Requests an answer to the last message. A request refused before its first token restores the conversation. */
async function answer(before) {
  const own = chat;
  const stopping = new AbortController();
  answering = stopping;
  showProblem(null);
  setBusy(true);
  const message = { role: "assistant", model: model.id, content: "", pieces: [], ended: "stop" };
  let view = null;
  draw();
  try {
    const { from, most, isFull } = await makeRoom(own, stopping.signal);
    const request = { messages: sent(own.messages.slice(from)), max_tokens: most, ...asked() };
    Object.assign(message, { most, isFull });
    own.left = from;
    own.messages.push(message);
    draw();
    view = new Growing(byId("talk").lastElementChild, message);
    await receive(request, message, view, stopping.signal);
  } catch (failure) {
    message.ended = failure.name === "AbortError" ? "stopped" : "broken";
    if (message.ended === "broken" && own === chat) showProblem(failure);
  } finally {
    view?.end();
    if (answering === stopping) {
      answering = null;
      setBusy(false);
    }
  }
  if (message.pieces.length === 0 && message.ended !== "stop" && message.ended !== "length") {
    goBack(own, before);
  } else {
    message.content = message.pieces.map(([text]) => text).join("");
    own.time = Date.now();
    keep(own);
    if (own === chat) byId("working").textContent = ended(message) || word("chat.complete");
  }
  if (own === chat) draw();
}

async function receive(request, message, view, signal) {
  const stream = { stream: true, stream_options: { include_usage: true }, return_depths: true };
  for await (const event of postStream("v1/chat/completions", { ...request, ...stream }, signal)) {
    const choice = event.choices[0];
    const content = choice?.delta?.content ?? "";
    if (choice?.delta?.reasoning_content) byId("working").textContent = word("chat.thinks");
    if (content !== "") {
      if (message.pieces.length === 0) byId("working").textContent = word("chat.writes");
      message.pieces.push([content, choice.depths?.[0] ?? null]);
      view.grow();
    }
    if (choice?.finish_reason) message.ended = choice.finish_reason;
    if (event.usage) {
      const { mean, histogram, flops, flops_saved: saved } = event.usage.recursions;
      message.cost = { tokens: event.usage.completion_tokens, mean, histogram, flops, saved, perSecond: event.timings?.predicted_per_second };
    }
  }
}

function goBack(own, before) {
  own.messages = before.messages;
  own.left = before.left;
  if (own === chat && byId("message").value === "") byId("message").value = before.draft;
}

const remember = (draft = "") => ({ messages: chat.messages.slice(), left: chat.left, draft });

/** The view of an answer that is being written. */
class Growing {
  constructor(article, message) {
    this.view = new MarkdownView(article.querySelector(".text"));
    this.message = message;
    this.timer = 0;
  }

  grow() {
    const pause = this.message.pieces.length > PAUSE.pieces ? PAUSE.long : PAUSE.short;
    this.timer ||= setTimeout(() => this.look(), pause);
  }

  look() {
    this.timer = 0;
    const talk = byId("talk");
    const follows = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
    this.view.show(this.message.pieces);
    if (follows) talk.scrollTop = talk.scrollHeight;
  }

  end() {
    clearTimeout(this.timer);
  }
}

// The page

function draw() {
  const articles = chat.messages.map(article);
  if (chat.left > 0 && chat.left < articles.length) {
    const context = model?.max_model_len ?? 0;
    articles.splice(chat.left, 0, element("p", { class: "left-out" }, word("chat.leftOut", { number: chat.left, context })));
  }
  const talk = byId("talk");
  talk.replaceChildren(...articles);
  if (articles.length === 0) talk.append(element("p", { class: "empty" }, word(isOnePass() ? "chat.leadPlain" : "chat.lead")));
  talk.scrollTop = talk.scrollHeight;
  drawHistory();
}

function article(message, index) {
  return message.role === "user" ? question(message, index) : reply(message, index);
}

function question(message, index) {
  const text = element("p", { class: "text" }, message.content);
  const made = element("article", { class: "user" }, element("h2", {}, word("chat.you")), text);
  made.append(actions(copying(message), action("chat.edit", () => edit(made, message, index))));
  return made;
}

function reply(message, index) {
  const text = element("div", { class: "text" });
  const made = element("article", { class: "assistant" }, element("h2", {}, message.model ?? word("chat.model")), text);
  if (message.pieces.length > 0) new MarkdownView(text).show(message.pieces);
  const isDone = message.content !== "" || answering === null;
  if (!isDone) {
    if (message.pieces.length === 0) text.append(element("span", { class: "empty" }, word("chat.writes")));
    return made;
  }
  if (message.pieces.length === 0) text.append(element("span", { class: "empty" }, word("chat.nothing")));
  const ending = ended(message);
  if (ending !== "") made.append(element("p", { class: "ended" }, ending));
  if (message.cost) made.append(cost(message.cost));
  made.append(actions(copying(message), action("chat.regenerate", () => regenerate(index))));
  return made;
}

/** Why an answer was cut off; empty if the model ended it. */
function ended({ ended: reason, most, isFull }) {
  if (reason === "length") return isFull ? word("chat.full", { context: model?.max_model_len ?? 0 }) : word("chat.length", { most });
  if (reason === "stopped") return word("chat.stopped");
  return reason === "broken" ? word("problem.brokenOff") : "";
}

function cost({ tokens, mean, histogram, flops, saved, perSecond }) {
  const parts = [word("chat.tokens", { tokens })];
  if (Number.isFinite(perSecond)) parts.push(word("chat.perSecond", { number: fixed(perSecond, perSecond < 10 ? 1 : 0) }));
  if (histogram.length > 1) {
    parts.push(word("chat.meanDepth", { mean: fixed(mean), all: histogram.length }));
    parts.push(word("chat.saved", { saved: percent(saved / (flops + saved)) }));
  }
  parts.push(metric(flops, "FLOP"));
  const depths = histogram.map((count, index) => word("chat.atDepth", { number: count, depth: index + 1 })).join(word("list.separator"));
  return element("p", { class: "cost", title: histogram.length > 1 && depths }, ...parts.map((part) => element("span", {}, part)));
}

const actions = (...buttons) => element("p", { class: "actions" }, ...buttons);

function action(name, act) {
  const button = element("button", { type: "button" }, word(name));
  button.addEventListener("click", () => answering === null && act(button));
  return button;
}

function copying(message) {
  return action("chat.copy", async (button) => {
    button.textContent = word((await copy(message.content)) ? "chat.copied" : "chat.notCopied");
    setTimeout(() => (button.textContent = word("chat.copy")), 1500);
  });
}

/** Copies a text, even on a page without TLS, where browsers offer no clipboard API. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const place = element("textarea", { class: "visually-hidden" });
    place.value = text;
    document.body.append(place);
    place.select();
    const copied = document.execCommand("copy");
    place.remove();
    return copied;
  }
}

function edit(made, message, index) {
  const place = element("textarea", { rows: "3", "aria-label": word("chat.message") });
  place.value = message.content;
  const send = element("button", { type: "button", class: "main" }, word("chat.send"));
  const cancel = element("button", { type: "button" }, word("chat.cancel"));
  cancel.addEventListener("click", draw);
  send.addEventListener("click", () => {
    if (answering || place.value.trim() === "") return;
    const before = remember();
    chat.messages = [...chat.messages.slice(0, index), { role: "user", content: place.value }];
    chat.left = Math.min(chat.left, index);
    answer(before);
  });
  place.addEventListener("keydown", (event) => sendsBy(event) && send.click());
  made.replaceChildren(element("h2", {}, word("chat.you")), place, actions(send, cancel));
  place.focus();
}

function regenerate(index) {
  const before = remember();
  chat.messages = chat.messages.slice(0, index);
  chat.left = Math.min(chat.left, index - 1);
  answer(before);
}

function setBusy(busy) {
  byId("talk").setAttribute("aria-busy", String(busy));
  byId("send").hidden = busy;
  byId("stop").hidden = !busy;
  byId("working").textContent = busy ? word("chat.writes") : "";
}

/** Whether a key sends: Enter, but not Shift+Enter or the Enter that ends an input method's composition. */
function sendsBy(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return false;
  event.preventDefault();
  return true;
}

byId("message").addEventListener("keydown", (event) => sendsBy(event) && byId("ask").requestSubmit());

byId("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const content = byId("message").value;
  if (answering || !model || content.trim() === "") return;
  const before = remember(content);
  chat.messages = [...chat.messages, { role: "user", content }];
  byId("message").value = "";
  await answer(before);
  byId("message").focus();
});

byId("stop").addEventListener("click", () => answering?.abort());

// History

function open(other) {
  answering?.abort();
  chat = other;
  showProblem(null);
  draw();
  if (!WIDE.matches) byId("history").open = false;
  byId("message").focus();
}

function title({ messages }) {
  const first = messages[0]?.content.trim().replace(/\s+/g, " ") ?? "";
  return first.length > 60 ? first.slice(0, 59) + "…" : first;
}

function drawHistory() {
  const kept = all();
  byId("erase").hidden = kept.length === 0;
  byId("chats").replaceChildren(
    ...kept.map((one) => {
      const name = element("button", { type: "button", "aria-current": one.id === chat.id ? "true" : undefined }, title(one));
      name.addEventListener("click", () => open({ ...one, left: one.left ?? 0 }));
      const remove = element("button", { type: "button", "aria-label": word("chat.forget", { title: title(one) }) }, "×");
      remove.addEventListener("click", () => {
        forget(one.id);
        if (one.id === chat.id) open(fresh());
        else drawHistory();
      });
      return element("li", {}, name, remove);
    }),
  );
}

byId("new").addEventListener("click", () => open(fresh()));

/** Erasing needs a second click, on the same button. */
byId("erase").addEventListener("click", ({ target }) => {
  const isSure = target.dataset.sure === "yes";
  target.dataset.sure = isSure ? "" : "yes";
  target.textContent = word(isSure ? "chat.erase" : "chat.eraseSure");
  if (!isSure) return;
  eraseAll();
  open(fresh());
});
byId("erase").addEventListener("blur", ({ target }) => {
  target.dataset.sure = "";
  target.textContent = word("chat.erase");
});

const unfold = () => {
  for (const id of ["history", "settings"]) byId(id).open = WIDE.matches;
};
WIDE.addEventListener("change", unfold);
unfold();
draw();
