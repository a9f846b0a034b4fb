import { strict as assert } from "node:assert";
import { OpenAI, OpenAIEmbedding, OpenAIResponses } from "@llamaindex/openai";
import { tool } from "llamaindex";
import { areRefused, areVectors, isLoud, isPerson, isText, joined, Loud, Person, ROOM, server } from "../checks.mjs";

const messages = [{ role: "user", content: "a" }];

function chat({ url = server.url, key = "none", model = server.model, maxTokens = 10, ...more } = {}) {
  return new OpenAI({ baseURL: url, apiKey: key, model, maxTokens, temperature: 0, maxRetries: 0, ...more });
}

/** It sends no temperature of its own. */
function responses({ maxTokens = 10, additionalChatOptions = {} } = {}) {
  return new OpenAIResponses({
    baseURL: server.url,
    apiKey: "none",
    model: server.model,
    maxOutputTokens: maxTokens,
    maxRetries: 0,
    additionalChatOptions: { temperature: 0, ...additionalChatOptions },
  });
}

const KINDS = [chat, responses];
const say = tool({ name: "say", description: "Says it.", parameters: Loud, execute: () => "done" });

export default {
  packages: ["llamaindex", "@llamaindex/openai"],
  features: {
    async answer() {
      for (const kind of KINDS) {
        isText((await kind().chat({ messages })).message.content);
      }
    },
    async stream() {
      for (const kind of KINDS) {
        const pieces = async function* () {
          for await (const piece of await kind().chat({ messages, stream: true })) {
            // Of responses it repeats the last piece with every event that has none.
            yield /delta$/.test(piece.raw.type ?? "delta") ? piece.delta : "";
          }
        };
        assert.equal(await joined(pieces()), (await kind().chat({ messages })).message.content);
      }
    },
    async functions() {
      for (const kind of KINDS) {
        const asked = kind({ maxTokens: ROOM, additionalChatOptions: { tool_choice: "required" } });
        const { message } = await asked.chat({ messages, tools: [say] });
        const [call] = message.options.toolCall;
        isLoud(typeof call.input === "string" ? JSON.parse(call.input) : call.input);
        const result = { role: "user", content: "done", options: { toolResult: { id: call.id, result: "done", isError: false } } };
        const after = await kind().chat({ messages: [...messages, message, result] });
        isText(after.message.content);
      }
    },
    async schema() {
      const asked = chat({ maxTokens: ROOM, temperature: 1 });
      const { message } = await asked.chat({ messages, responseFormat: Person });
      isPerson(JSON.parse(message.content));
    },
    async embeddings() {
      const embedding = new OpenAIEmbedding({ baseURL: server.url, apiKey: "none", model: server.model });
      areVectors(await embedding.getTextEmbeddings(["a", "b", "a"]));
    },
    async errors() {
      await areRefused(
        (settings) => chat(settings).chat({ messages }),
        (error, status) => assert.equal(error.status, status),
      );
    },
    abort: { fails: "a loop over a stream that is left: the server did not notice within five seconds" },
    async usage() {
      for (const [kind, name] of [
        [chat, "completion_tokens"],
        [responses, "output_tokens"],
      ]) {
        assert.equal((await kind().chat({ messages })).raw.usage[name], 10);
      }
    },
  },
};
