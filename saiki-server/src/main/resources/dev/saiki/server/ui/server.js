// Asks the server for data, with the key that was typed in.

import { word } from "./words.js";

const KEY = "saiki-key";
const ROOT = new URL("../", import.meta.url);

/** What the server refused, in its own words. */
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
  // A key of letters that no header can hold is no key of this server.
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
  try {
    const body = await response.json();
    return new Refusal(response.status, body.error.message);
  } catch {
    return new Refusal(response.status, word("problem.status", { status: response.status }));
  }
}

export async function getJson(path) {
  return (await ask(path)).json();
}

export async function getText(path) {
  return (await ask(path)).text();
}

function post(path, body, signal) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
}

export async function postJson(path, body, signal) {
  return (await post(path, body, signal)).json();
}

/** The events of an answer that comes in pieces, each as the object that it is. */
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
      if (event.error) throw new Refusal(500, event.error.message);
      yield event;
    }
  }
}

/** The models that the server has, as it describes them. */
export async function listModels() {
  return (await getJson("v1/models")).data;
}
