// Requests to the server, with the key that was typed in.

import { hasWord, word } from "./words.js";

const KEY = "saiki-key";
/** Patterns of the server's messages about values, by the name of the page's own text for such a message. */
const SENTENCES = Object.entries({
  "problem.range": /^(?<field>\w+) must be (?:a number |an integer )?from (?<least>\S+) to (?<most>[\d.]+?)(?:, got .+)?$/,
  "problem.least": /^(?<field>\w+) must be (?:an integer of )?at least (?<least>\S+), got .+$/,
  "problem.length": /must be at most (?<most>\d+) tokens together, got (?<got>\d+)/,
  "problem.time": /^(?<field>since|until) must be /,
});
const ROOT = new URL("../", import.meta.url);

/** A refused request, with a message in the language of the page. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function key() {
  return sessionStorage.getItem(KEY) ?? "";
}

export function setKey(value) {
  if (value === "") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, value);
}

async function ask(path, options = {}) {
  const headers = new Headers(options.headers);
  // Removes characters that a header cannot contain; keys have none of them.
  const given = key().replace(/[^!-~]/g, "");
  if (given !== "") headers.set("Authorization", "Bearer " + given);
  let response;
  try {
    response = await fetch(new URL(path, ROOT), { ...options, headers, cache: "no-store", credentials: "omit", redirect: "error" });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new Refusal(0, word("problem.silent"));
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response) {
  const body = await response.json().catch(() => null);
  return new Refusal(response.status, sentence(response.status, body?.error));
}

/** The page's own sentence for an error, if it has one for its code; otherwise the server's message. */
function sentence(status, error) {
  if (!error) return word("problem.status", { status });
  if (error.code === "invalid_api_key" && key() === "") return word("error.no_api_key");
  if (error.code && hasWord("error." + error.code)) return word("error." + error.code);
  if (document.documentElement.lang === "en") return error.message;
  for (const [name, pattern] of SENTENCES) {
    const match = pattern.exec(error.message);
    if (match) return word(name, match.groups ?? {});
  }
  return error.param ? word("problem.field", { field: error.param, message: error.message }) : word("problem.message", { message: error.message });
}

export async function getJson(path) {
  return (await ask(path)).json();
}

export async function getText(path, signal) {
  return (await ask(path, { signal })).text();
}

function post(path, body, signal) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
}

export async function postJson(path, body, signal) {
  return (await post(path, body, signal)).json();
}

/** The events of a streamed answer, parsed. */
export async function* postStream(path, body, signal) {
  const response = await post(path, body, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Refusal(0, word("problem.brokenOff"));
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ")) continue;
      const data = line.slice(6);
      if (data === "[DONE]") return;
      const event = JSON.parse(data);
      if (event.error) throw new Refusal(500, sentence(500, event.error));
      yield event;
    }
  }
}

/** The server's models. */
export async function listModels() {
  return (await getJson("v1/models")).data;
}
