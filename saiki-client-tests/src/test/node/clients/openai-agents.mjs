import { strict as assert } from "node:assert";
import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from "@openai/agents";
import OpenAI from "openai";
import { areRefused, ENDLESS, isLoud, isNoticed, isPerson, isText, joined, Loud, Person, ROOM, server } from "../checks.mjs";

setTracingDisabled(true);

const PROTOCOLS = [true, false];

function runner(useResponses, { url = server.url, key = "none" } = {}) {
  const openAIClient = new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 });
  return new Runner({ modelProvider: new OpenAIProvider({ openAIClient, useResponses }), tracingDisabled: true });
}

/** An answer that is cut off is an error of this SDK, so all are let end; the seed makes them the same each time. */
const SETTINGS = { temperature: 1, maxTokens: ROOM, providerData: { seed: 1 } };

function agent({ model = server.model, settings = {}, ...more } = {}) {
  return new Agent({
    name: "echo",
    instructions: "Be brief.",
    model,
    modelSettings: { ...SETTINGS, ...settings },
    ...more,
  });
}

export default {
  packages: ["@openai/agents"],
  features: {
    async answer() {
      for (const useResponses of PROTOCOLS) {
        isText((await runner(useResponses).run(agent(), "a")).finalOutput);
      }
    },
    async stream() {
      for (const useResponses of PROTOCOLS) {
        const whole = (await runner(useResponses).run(agent(), "a")).finalOutput;
        const streamed = await runner(useResponses).run(agent(), "a", { stream: true });
        assert.equal(await joined(streamed.toTextStream()), whole);
        await streamed.completed;
      }
    },
    async functions() {
      for (const useResponses of PROTOCOLS) {
        let said;
        const say = tool({
          name: "say",
          description: "Says it.",
          parameters: Loud,
          async execute(given) {
            said = given;
            return "done";
          },
        });
        // After a call the SDK leaves the choice to the model again, which then answers in words.
        const caller = agent({ settings: { toolChoice: "required" }, tools: [say] });
        isText((await runner(useResponses).run(caller, "a")).finalOutput);
        isLoud(said);
      }
    },
    async schema() {
      for (const useResponses of PROTOCOLS) {
        const bound = agent({ outputType: Person });
        isPerson((await runner(useResponses).run(bound, "a")).finalOutput);
      }
    },
    embeddings: "it has none",
    async errors() {
      await areRefused(
        ({ url, key, model, topP = 1 }) => runner(true, { url, key }).run(agent({ model, settings: { topP } }), "a"),
        (error, status) => assert.equal(error.status, status),
      );
    },
    async abort() {
      for (const useResponses of PROTOCOLS) {
        await isNoticed(async () => {
          const stop = new AbortController();
          const streamed = await runner(useResponses).run(agent({ settings: { maxTokens: ENDLESS, temperature: 0 } }), "a", {
            stream: true,
            signal: stop.signal,
          });
          for await (const _ of streamed.toTextStream()) {
            stop.abort();
          }
        });
      }
    },
    async usage() {
      for (const useResponses of PROTOCOLS) {
        const { rawResponses, finalOutput } = await runner(useResponses).run(agent(), "a");
        assert.ok(rawResponses[0].usage.outputTokens >= finalOutput.length / 4);
      }
    },
  },
};
