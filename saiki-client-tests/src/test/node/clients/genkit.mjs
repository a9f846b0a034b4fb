import { strict as assert } from "node:assert";
import { compatOaiModelRef, defineCompatOpenAIEmbedder, defineCompatOpenAIModel, openAICompatible } from "@genkit-ai/compat-oai";
import { genkit, z } from "genkit";
import { areRefused, ENDLESS, isLoud, isNoticed, isText, joined, ROOM, server } from "../checks.mjs";

/** What genkit must know of a model to ask for an answer of a form, rather than for one in words that describe it. */
const INFO = {
  supports: { multiturn: true, tools: true, systemRole: true, output: ["text", "json"], constrained: "all" },
};

function at({ url = server.url, key = "none" } = {}) {
  const options = { name: "saiki", baseURL: url, apiKey: key, maxRetries: 0 };
  const resolver = (client, kind, name) =>
    kind === "embedder"
      ? defineCompatOpenAIEmbedder({ name: `saiki/${name}`, client, pluginOptions: options })
      : defineCompatOpenAIModel({
          name: `saiki/${name}`,
          client,
          pluginOptions: options,
          modelRef: compatOaiModelRef({ name, namespace: "saiki", info: INFO }),
        });
  return genkit({ plugins: [openAICompatible({ ...options, resolver })] });
}

const usual = at();
const asked = { model: `saiki/${server.model}`, prompt: "a", config: { seed: 1, max_tokens: 10, ignore_eos: true } };
const room = { seed: 1, max_tokens: ROOM };

/** Genkit brings a zod 3 of its own, and takes no other. */
const Person = z.object({
  name: z.string().regex(/^[A-Za-z ]*$/).min(1).max(8),
  age: z.number().int().min(0).max(130),
  score: z.number().int(),
  email: z.string().email(),
  id: z.string().uuid(),
  address: z.object({ street: z.string().regex(/^[A-Za-z ]*$/).max(8), number: z.number().int().positive().lt(1000) }),
  phone: z.union([z.string().regex(/^[0-9]{3,6}$/), z.number().int().min(100).max(999999)]),
  tags: z.array(z.enum(["red", "green"])).max(3),
});

const STATUS = { 400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "UNKNOWN", 429: "RESOURCE_EXHAUSTED" };

export default {
  packages: ["genkit", "@genkit-ai/compat-oai"],
  features: {
    async answer() {
      isText((await usual.generate(asked)).text);
    },
    async stream() {
      const { stream, response } = usual.generateStream(asked);
      const pieces = async function* () {
        for await (const chunk of stream) {
          yield chunk.text;
        }
      };
      assert.equal(await joined(pieces()), (await response).text);
    },
    async functions() {
      let said;
      const say = usual.defineTool(
        { name: "say", description: "Says it.", inputSchema: z.object({ loud: z.boolean() }), outputSchema: z.string() },
        async (given) => {
          said = given;
          return "done";
        },
      );
      const called = await usual.generate({
        ...asked,
        config: { ...room, tool_choice: "required" },
        tools: [say],
        returnToolRequests: true,
      });
      isLoud(called.toolRequests[0].toolRequest.input);
      const { ref, name, input } = called.toolRequests[0].toolRequest;
      const output = await say(input);
      isLoud(said);
      const after = await usual.generate({
        ...asked,
        prompt: undefined,
        messages: [...called.messages, { role: "tool", content: [{ toolResponse: { ref, name, output } }] }],
      });
      isText(after.text);
    },
    async schema() {
      const { output } = await usual.generate({ ...asked, config: room, output: { schema: Person } });
      assert.ok(Person.parse(output));
    },
    async embeddings() {
      const vectors = [];
      for (const content of ["a", "b", "a"]) {
        vectors.push((await usual.embed({ embedder: `saiki/${server.model}`, content }))[0].embedding);
      }
      assert.deepEqual(vectors[2], vectors[0]);
      assert.notDeepEqual(vectors[1], vectors[0]);
    },
    async errors() {
      await areRefused(
        ({ url, key, model = server.model, topP = 1 }) =>
          at({ url, key }).generate({ ...asked, model: `saiki/${model}`, config: { ...asked.config, topP } }),
        (error, status) => assert.equal(error.status, STATUS[status]),
      );
    },
    async abort() {
      await isNoticed(async () => {
        const stop = new AbortController();
        const { stream, response } = usual.generateStream({
          ...asked,
          config: { ...asked.config, max_tokens: ENDLESS },
          abortSignal: stop.signal,
        });
        response.catch(() => {});
        for await (const _ of stream) {
          stop.abort();
        }
      });
    },
    async usage() {
      assert.equal((await usual.generate(asked)).usage.outputTokens, 10);
      const { response } = usual.generateStream(asked);
      assert.equal((await response).usage.outputTokens, 10);
    },
  },
};
