import { strict as assert } from "node:assert";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { isLoud, isPerson, isRefused, isText, Loud, Person, ROOM, server } from "../checks.mjs";

Object.assign(process.env, {
  PROMPTFOO_CONFIG_DIR: mkdtempSync(join(tmpdir(), "promptfoo-")),
  PROMPTFOO_DISABLE_TELEMETRY: "1",
  PROMPTFOO_DISABLE_UPDATE: "1",
  PROMPTFOO_DISABLE_REMOTE_GENERATION: "1",
  PROMPTFOO_REQUEST_BACKOFF_MS: "1",
});
const { default: promptfoo } = await import("promptfoo");

function provider({ url = server.url, key = "none", model = server.model, topP, kind = "chat", ...more } = {}) {
  const config = { apiBaseUrl: url, apiKey: key, temperature: 0, max_tokens: 10, max_output_tokens: 10, ...more };
  return { id: `openai:${kind}:${model}`, config: topP === undefined ? config : { ...config, top_p: topP } };
}

/** Asks once, and checks what is asserted. */
async function evaluated(asked, assertions = []) {
  const evaluation = await promptfoo.evaluate(
    { prompts: ["a"], providers: [asked], tests: [{ assert: assertions }], writeLatestResults: false },
    { cache: false, maxConcurrency: 1, showProgressBar: false },
  );
  const [result] = (await evaluation.toEvaluateSummary()).results;
  if (result.error) {
    throw new Error(result.error);
  }
  assert.ok(result.success);
  return result.response;
}

const KINDS = ["chat", "responses"];

export default {
  packages: ["promptfoo"],
  features: {
    async answer() {
      for (const kind of KINDS) {
        isText((await evaluated(provider({ kind }))).output);
      }
    },
    stream: "it asks for whole answers",
    async functions() {
      const tools = [
        { type: "function", function: { name: "say", description: "Says it.", parameters: z.toJSONSchema(Loud, { target: "draft-7" }) } },
      ];
      const { output } = await evaluated(provider({ max_tokens: ROOM, tools, tool_choice: "required" }), [
        { type: "is-valid-openai-tools-call" },
      ]);
      isLoud(JSON.parse(output[0].function.arguments));
    },
    async schema() {
      const schema = z.toJSONSchema(Person);
      const response_format = { type: "json_schema", json_schema: { name: "person", schema, strict: true } };
      const { output } = await evaluated(provider({ max_tokens: ROOM, temperature: 1, seed: 1, response_format }), [
        { type: "is-json" },
      ]);
      isPerson(typeof output === "string" ? JSON.parse(output) : output);
    },
    async embeddings() {
      const embedding = { id: `openai:embedding:${server.model}`, config: { apiBaseUrl: server.url, apiKey: "none" } };
      const { output } = await evaluated(provider());
      await evaluated(provider(), [{ type: "similar", value: output, threshold: 0.999, provider: embedding }]);
    },
    async errors() {
      // It reads the headers that say how much is left, and waits rather than be refused.
      const refused = (settings, message, status) =>
        isRefused(() => evaluated(provider(settings)), message, (error) => assert.match(error.message, status));
      await refused({ url: server.strict, key: "k-wrong" }, /API key/, /401/);
      await refused({ model: "gpt-9" }, /gpt-9/, /404/);
      await refused({ topP: 7 }, /top_p/, /400/);
    },
    abort: "it leaves no answer",
    async usage() {
      assert.equal((await evaluated(provider())).tokenUsage.completion, 10);
    },
  },
};
