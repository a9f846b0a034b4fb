import { strict as assert } from "node:assert";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { areRefused, areVectors, ENDLESS, isLoud, isNoticed, isPerson, isText, joined, Loud, Person, ROOM, server } from "../checks.mjs";

function model({ url = server.url, key = "none", model = server.model, ...more } = {}) {
  return new ChatOpenAI({
    model,
    apiKey: key,
    temperature: 0,
    maxTokens: 10,
    maxRetries: 0,
    configuration: { baseURL: url },
    ...more,
  });
}

const PROTOCOLS = [false, true];

export default {
  packages: ["@langchain/openai", "@langchain/core"],
  features: {
    async answer() {
      for (const useResponsesApi of PROTOCOLS) {
        isText((await model({ useResponsesApi }).invoke("a")).text);
      }
    },
    async stream() {
      for (const useResponsesApi of PROTOCOLS) {
        const asked = model({ useResponsesApi });
        const pieces = async function* () {
          for await (const piece of await asked.stream("a")) {
            yield piece.text;
          }
        };
        assert.equal(await joined(pieces()), (await asked.invoke("a")).text);
      }
    },
    async functions() {
      const say = tool(() => "done", { name: "say", description: "Says it.", schema: Loud });
      for (const useResponsesApi of PROTOCOLS) {
        const asked = model({ useResponsesApi, maxTokens: ROOM });
        const question = new HumanMessage("a");
        const called = await asked.bindTools([say], { tool_choice: "say" }).invoke([question]);
        isLoud(called.tool_calls[0].args);
        const result = await say.invoke(called.tool_calls[0]);
        assert.ok(result instanceof ToolMessage);
        isText((await model({ useResponsesApi }).invoke([question, called, result])).text);
      }
    },
    async schema() {
      for (const useResponsesApi of PROTOCOLS) {
        const asked = model({ useResponsesApi, maxTokens: ROOM, temperature: 1 });
        isPerson(await asked.withStructuredOutput(Person, { name: "person", method: "jsonSchema", strict: true }).invoke("a"));
        isPerson(await asked.withStructuredOutput(Person, { name: "person", method: "jsonSchema" }).invoke("a"));
        isPerson(await asked.withStructuredOutput(Person, { name: "person", method: "functionCalling" }).invoke("a"));
      }
    },
    async embeddings() {
      const embeddings = new OpenAIEmbeddings({
        model: server.model,
        apiKey: "none",
        configuration: { baseURL: server.url },
      });
      areVectors(await embeddings.embedDocuments(["a", "b", "a"]));
    },
    async errors() {
      await areRefused(
        (settings) => model(settings).invoke("a"),
        (error, status) => assert.equal(error.status, status),
      );
    },
    async abort() {
      for (const useResponsesApi of PROTOCOLS) {
        await isNoticed(async () => {
          const stop = new AbortController();
          const asked = model({ useResponsesApi, maxTokens: ENDLESS });
          for await (const _ of await asked.stream("a", { signal: stop.signal })) {
            stop.abort();
          }
        });
      }
    },
    async usage() {
      for (const useResponsesApi of PROTOCOLS) {
        const asked = model({ useResponsesApi });
        assert.equal((await asked.invoke("a")).usage_metadata.output_tokens, 10);
        let whole;
        for await (const piece of await asked.stream("a")) {
          whole = whole ? whole.concat(piece) : piece;
        }
        assert.equal(whole.usage_metadata.output_tokens, 10);
      }
    },
  },
};
