// What the checks of all clients share: the servers they ask, the schemas they bind answers to, and what they expect.
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** The servers: `url` without keys, `strict` with them; both have the version in their path. */
export const server = {
  url: process.env.SAIKI_URL,
  strict: process.env.SAIKI_STRICT_URL,
  model: "mor",
  key: "k-many",
  once: "k-once",
};

/** Tokens enough for every schema below, whatever a model with random weights writes. */
export const ROOM = 3000;

/** More tokens than any check waits for. */
export const ENDLESS = 60000;

const LETTERS = /^[A-Za-z ]*$/;

/** Texts have a length, since a model with random weights seldom ends one; and letters, since zod counts others twice. */
export const Person = z.object({
  name: z.string().regex(LETTERS).min(1).max(8),
  age: z.int().min(0).max(130),
  score: z.int(),
  email: z.email(),
  id: z.uuid(),
  address: z.object({ street: z.string().regex(LETTERS).max(8), number: z.int().positive().lt(1000) }),
  phone: z.union([z.string().regex(/^[0-9]{3,6}$/), z.int().min(100).max(999999)]),
  pet: z.union([
    z.object({ kind: z.literal("cat"), lives: z.int().min(1).max(9) }),
    z.object({ kind: z.literal("dog"), good: z.boolean() }),
  ]),
  tags: z.array(z.enum(["red", "green"])).max(3),
});

/** What Person has, without what some clients do not send: lengths, patterns and bounds. */
export const Plain = z.object({
  name: z.string(),
  score: z.int(),
  email: z.email(),
  id: z.uuid(),
  address: z.object({ street: z.string(), number: z.int() }),
  pet: z.union([
    z.object({ kind: z.literal("cat"), lives: z.int() }),
    z.object({ kind: z.literal("dog"), good: z.boolean() }),
  ]),
  tags: z.array(z.enum(["red", "green"])),
});

export const Loud = z.object({ loud: z.boolean() });

/** A part of what Person has can be missing only if the schema was not heeded. */
export function isPerson(value) {
  assert.ok(Person.parse(value));
}

export function isLoud(value) {
  assert.equal(typeof Loud.parse(value).loud, "boolean");
}

export function isText(text) {
  assert.equal(typeof text, "string");
  assert.notEqual(text.length, 0);
}

export function areVectors(vectors) {
  assert.equal(vectors.length, 3);
  assert.deepEqual(vectors[2], vectors[0]);
  assert.notDeepEqual(vectors[1], vectors[0]);
}

/** The text that an iterable's pieces make, and how many they are. */
export async function joined(pieces) {
  let text = "";
  let count = 0;
  for await (const piece of pieces) {
    text += piece ?? "";
    count++;
  }
  assert.ok(count > 1, `a stream of ${count} pieces`);
  return text;
}

async function clientsThatLeft() {
  const metrics = await (await fetch(`${new URL(server.url).origin}/metrics`)).text();
  return Number(/^saiki_clients_gone_total\S* (\S+)$/m.exec(metrics)[1]);
}

/** Runs what begins an answer and leaves it, and waits until the server has noticed. */
export async function isNoticed(leave) {
  const before = await clientsThatLeft();
  try {
    await leave();
  } catch (error) {
    assert.match(`${error.name} ${error.message} ${error.cause ?? ""}`, /abort|cancel/i);
  }
  for (let time = 0; time < 100; time++) {
    if ((await clientsThatLeft()) > before) {
      return;
    }
    await sleep(50);
  }
  assert.fail("the server did not notice that the client left");
}

/** Checks what a client makes of a refusal: its message, and whatever tells one kind from another. */
export async function isRefused(call, message, check) {
  await assert.rejects(call, (error) => {
    assert.match(`${error.message} ${error.cause?.message ?? ""} ${JSON.stringify(error.httpResponse?.body) ?? ""}`, message);
    check(error);
    return true;
  });
}

/** The four refusals that every client meets. `ask(settings)` must reject: settings are url, key, model, topP. */
export async function areRefused(ask, check) {
  await isRefused(() => ask({ url: server.strict, key: "k-wrong" }), /API key/, (error) => check(error, 401));
  await isRefused(() => ask({ model: "gpt-9" }), /gpt-9/, (error) => check(error, 404));
  await isRefused(() => ask({ topP: 7 }), /top_p/, (error) => check(error, 400));
  await ask({ url: server.strict, key: server.once });
  await isRefused(() => ask({ url: server.strict, key: server.once }), /1 requests a minute/, (error) =>
    check(error, 429),
  );
}
