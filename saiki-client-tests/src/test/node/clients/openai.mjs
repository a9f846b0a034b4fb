import { strict as assert } from "node:assert";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { areRefused, areVectors, ENDLESS, isLoud, isNoticed, isPerson, isText, joined, Loud, Person, ROOM, server } from "../checks.mjs";

const at = ({ url = server.url, key = "none" } = {}) => new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 });
const usual = at();
const messages = [{ role: "user", content: "a" }];
const chat = { model: server.model, messages, temperature: 0, max_completion_tokens: 10 };
const response = { model: server.model, input: "a", temperature: 0, max_output_tokens: 10 };

const KINDS = {
  400: OpenAI.BadRequestError,
  401: OpenAI.AuthenticationError,
  404: OpenAI.NotFoundError,
  429: OpenAI.RateLimitError,
};

export default {
  packages: ["openai"],
  features: {
    async answer() {
      const completion = await usual.chat.completions.create(chat);
      isText(completion.choices[0].message.content);
      assert.equal((await usual.responses.create(response)).output_text, completion.choices[0].message.content);
      isText((await usual.completions.create({ model: server.model, prompt: "a", max_tokens: 4 })).choices[0].text);
      assert.equal((await usual.models.list()).data[0].id, server.model);
    },
    async stream() {
      const whole = (await usual.chat.completions.create(chat)).choices[0].message.content;
      const pieces = async function* () {
        for await (const chunk of await usual.chat.completions.create({ ...chat, stream: true })) {
          yield chunk.choices[0]?.delta.content;
        }
      };
      assert.equal(await joined(pieces()), whole);
      const stream = usual.responses.stream(response);
      const deltas = async function* () {
        for await (const event of stream) {
          yield event.type === "response.output_text.delta" ? event.delta : "";
        }
      };
      assert.equal(await joined(deltas()), whole);
      assert.equal((await stream.finalResponse()).output_text, whole);
    },
    async functions() {
      let said;
      const say = zodFunction({
        name: "say",
        parameters: Loud,
        function: (given) => {
          said = given;
          return "done";
        },
      });
      const runner = usual.chat.completions.runTools(
        { ...chat, max_completion_tokens: ROOM, tools: [say], tool_choice: { type: "function", function: { name: "say" } } },
        { maxChatCompletions: 2 },
      );
      await runner.done();
      isLoud(said);
      const called = await usual.responses.parse({
        ...response,
        max_output_tokens: ROOM,
        tools: [{ type: "function", name: "say", parameters: { type: "object", properties: { loud: { type: "boolean" } }, required: ["loud"], additionalProperties: false }, strict: true }],
        tool_choice: "required",
      });
      isLoud(called.output[0].parsed_arguments);
      const after = await usual.responses.create({
        ...response,
        input: [
          { role: "user", content: "a" },
          ...called.output,
          { type: "function_call_output", call_id: called.output[0].call_id, output: "done" },
        ],
      });
      isText(after.output_text);
    },
    async schema() {
      const bound = await usual.chat.completions.parse({
        ...chat,
        temperature: 1,
        seed: 1,
        max_completion_tokens: ROOM,
        response_format: zodResponseFormat(Person, "person"),
      });
      isPerson(bound.choices[0].message.parsed);
      const parsed = await usual.responses.parse({
        ...response,
        temperature: 1,
        max_output_tokens: ROOM,
        text: { format: zodTextFormat(Person, "person") },
      });
      isPerson(parsed.output_parsed);
    },
    async embeddings() {
      const { data, usage } = await usual.embeddings.create({ model: server.model, input: ["a", "b", "a"] });
      areVectors(data.map((each) => each.embedding));
      assert.equal(usage.prompt_tokens, 3);
    },
    async errors() {
      await areRefused(
        ({ url, key, model = server.model, topP = 1 }) =>
          at({ url, key }).chat.completions.create({ ...chat, model, top_p: topP }),
        (error, status) => assert.ok(error instanceof KINDS[status] && error.status === status),
      );
    },
    async abort() {
      await isNoticed(async () => {
        const stream = await usual.chat.completions.create({ ...chat, max_completion_tokens: ENDLESS, stream: true });
        for await (const _ of stream) {
          break;
        }
      });
      await isNoticed(async () => {
        const stop = new AbortController();
        const whole = usual.chat.completions.create({ ...chat, max_completion_tokens: ENDLESS }, { signal: stop.signal });
        setTimeout(() => stop.abort(), 200);
        await whole;
      });
    },
    async usage() {
      assert.equal((await usual.chat.completions.create(chat)).usage.completion_tokens, 10);
      assert.equal((await usual.responses.create(response)).usage.output_tokens, 10);
      const stream = usual.chat.completions.stream({ ...chat, stream_options: { include_usage: true } });
      assert.equal((await stream.totalUsage()).completion_tokens, 10);
    },
  },
};
