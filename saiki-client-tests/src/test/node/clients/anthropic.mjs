import { strict as assert } from "node:assert";
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { areRefused, ENDLESS, isLoud, isNoticed, isText, joined, Loud, Plain, ROOM, server } from "../checks.mjs";

/** Its base URL is the server's address: the version belongs to the paths. */
const at = ({ url = server.url, key = "none" } = {}) =>
  new Anthropic({ baseURL: new URL(url).origin, apiKey: key, maxRetries: 0 });
const usual = at();
const messages = [{ role: "user", content: "a" }];
const message = { model: server.model, messages, temperature: 0, max_tokens: 10 };

const KINDS = {
  400: Anthropic.BadRequestError,
  401: Anthropic.AuthenticationError,
  404: Anthropic.NotFoundError,
  429: Anthropic.RateLimitError,
};

export default {
  packages: ["@anthropic-ai/sdk"],
  features: {
    async answer() {
      isText((await usual.messages.create(message)).content[0].text);
    },
    async stream() {
      const whole = (await usual.messages.create(message)).content[0].text;
      const stream = usual.messages.stream(message);
      const pieces = async function* () {
        for await (const event of stream) {
          yield event.type === "content_block_delta" ? event.delta.text : "";
        }
      };
      assert.equal(await joined(pieces()), whole);
      assert.equal(await stream.finalText(), whole);
    },
    async functions() {
      let said;
      const say = betaZodTool({
        name: "say",
        description: "Says it.",
        inputSchema: Loud,
        run(given) {
          said = given;
          return "done";
        },
      });
      const runner = usual.beta.messages.toolRunner({
        ...message,
        max_tokens: ROOM,
        tools: [say],
        tool_choice: { type: "any" },
        max_iterations: 2,
      });
      for await (const answer of runner) {
        assert.equal(answer.stop_reason, "tool_use");
      }
      isLoud(said);
      const streamed = usual.messages.stream({
        ...message,
        max_tokens: ROOM,
        tools: [{ name: "say", input_schema: say.input_schema }],
        tool_choice: { type: "tool", name: "say" },
      });
      isLoud((await streamed.finalMessage()).content[0].input);
    },
    async schema() {
      // Lengths and bounds go into descriptions: its makers' own service binds none.
      const bound = await usual.messages.parse({
        ...message,
        temperature: 1,
        max_tokens: ROOM,
        output_config: { format: zodOutputFormat(Plain) },
      });
      assert.ok(Plain.parse(bound.parsed_output));
    },
    embeddings: "it has none",
    async errors() {
      await areRefused(
        ({ url, key, model = server.model, topP = 1 }) => at({ url, key }).messages.create({ ...message, model, top_p: topP }),
        (error, status) => assert.ok(error instanceof KINDS[status] && error.status === status),
      );
    },
    async abort() {
      await isNoticed(async () => {
        const stream = usual.messages.stream({ ...message, max_tokens: ENDLESS });
        for await (const _ of stream) {
          stream.abort();
        }
      });
    },
    async usage() {
      assert.equal((await usual.messages.create(message)).usage.output_tokens, 10);
      assert.equal((await usual.messages.stream(message).finalMessage()).usage.output_tokens, 10);
      assert.ok((await usual.messages.countTokens({ model: server.model, messages })).input_tokens > 0);
    },
  },
};
