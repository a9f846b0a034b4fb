// A conversation with the model, token by token as it is written.

import { begin, byId, dialed, element, fixed, metric, percent, setDial, showProblem } from "./page.js";
import { postStream } from "./server.js";
import { writeLegend } from "./tokens.js";
import { word } from "./words.js";

const messages = [];
let recursions = 1;
let answering = null;

begin((model) => {
  recursions = model.meta.num_recursions;
  writeLegend(recursions);
  setDial(model);
});

function add(role, name) {
  const text = element("p", { class: "text" });
  const article = element("article", { class: role }, element("h2", {}, name), text);
  byId("talk").append(article);
  return { article, text };
}

function scrollDown() {
  const talk = byId("talk");
  talk.scrollTop = talk.scrollHeight;
}

function cost(usage) {
  const { mean, histogram, flops, flops_saved: saved } = usage.recursions;
  const depths = histogram.map((count, index) => word("chat.atDepth", { number: count, depth: index + 1 })).join(", ");
  return word("chat.cost", {
    tokens: usage.completion_tokens,
    mean: fixed(mean),
    all: recursions,
    depths,
    flops: metric(flops, "FLOP"),
    saved: percent(saved / (flops + saved)),
  });
}

async function answer() {
  const { article, text } = add("assistant", word("chat.model"));
  const request = {
    messages,
    stream: true,
    stream_options: { include_usage: true },
    return_depths: true,
    temperature: Number(byId("temperature").value),
    max_tokens: Number(byId("max-tokens").value),
    ...dialed(),
  };
  let whole = "";
  const stopping = new AbortController();
  answering = stopping;
  try {
    for await (const piece of postStream("v1/chat/completions", request, stopping.signal)) {
      const choice = piece.choices[0];
      const content = choice?.delta?.content ?? "";
      if (content !== "") {
        const depth = choice.depths?.[0];
        text.append(element("span", { class: depth ? "d" + depth : undefined, title: depth ? word("chat.depth", { depth }) : undefined }, content));
        whole += content;
        scrollDown();
      }
      if (piece.usage) article.append(element("p", { class: "cost" }, cost(piece.usage)));
    }
    showProblem(null);
  } catch (failure) {
    if (failure.name === "AbortError") article.append(element("p", { class: "cost" }, word("chat.stopped")));
    else {
      showProblem(failure);
      if (whole === "") return giveBack(article);
    }
  } finally {
    answering = null;
  }
  if (whole === "") text.append(element("span", { class: "empty" }, word("chat.nothing")));
  messages.push({ role: "assistant", content: whole });
  scrollDown();
  return true;
}

/** A message that was refused is no part of the conversation, and can be sent again. */
function giveBack(article) {
  article.previousElementSibling.remove();
  article.remove();
  byId("message").value = messages.pop().content;
  return false;
}

function setBusy(busy, done = true) {
  byId("talk").setAttribute("aria-busy", String(busy));
  byId("send").disabled = busy;
  byId("stop").disabled = !busy;
  byId("working").textContent = busy ? word("chat.writes") : done ? word("chat.complete") : "";
}

byId("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const message = byId("message").value;
  if (answering || message.trim() === "") return;
  add("user", word("chat.you")).text.append(message);
  messages.push({ role: "user", content: message });
  byId("message").value = "";
  scrollDown();
  setBusy(true);
  setBusy(false, await answer());
  byId("message").focus();
});

byId("message").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("ask").requestSubmit();
});

byId("stop").addEventListener("click", () => answering?.abort());

byId("clear").addEventListener("click", () => {
  answering?.abort();
  messages.length = 0;
  byId("talk").replaceChildren();
  byId("working").textContent = "";
  byId("message").focus();
});
