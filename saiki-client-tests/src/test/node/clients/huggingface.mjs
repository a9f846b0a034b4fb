import { strict as assert } from "node:assert";
import { InferenceClient, InferenceClientProviderApiError } from "@huggingface/inference";
import { z } from "zod";
import { areRefused, ENDLESS, isLoud, isNoticed, isPerson, isText, joined, Loud, Person, ROOM, server } from "../checks.mjs";

const at = ({ url = server.url, key = "none" } = {}) => new InferenceClient(key, { endpointUrl: url });
const usual = at();
const messages = [{ role: "user", content: "a" }];
const chat = { model: server.model, messages, temperature: 0, max_tokens: 10 };

export default {
  packages: ["@huggingface/inference"],
  features: {
    async answer() {
      isText((await usual.chatCompletion(chat)).choices[0].message.content);
    },
    async stream() {
      const pieces = async function* () {
        for await (const chunk of usual.chatCompletionStream(chat)) {
          yield chunk.choices[0]?.delta.content;
        }
      };
      assert.equal(await joined(pieces()), (await usual.chatCompletion(chat)).choices[0].message.content);
    },
    async functions() {
      const asked = {
        ...chat,
        max_tokens: ROOM,
        tools: [{ type: "function", function: { name: "say", description: "Says it.", parameters: z.toJSONSchema(Loud) } }],
        tool_choice: "required",
      };
      const { message } = (await usual.chatCompletion(asked)).choices[0];
      isLoud(JSON.parse(message.tool_calls[0].function.arguments));
      const after = [...messages, message, { role: "tool", tool_call_id: message.tool_calls[0].id, content: "done" }];
      isText((await usual.chatCompletion({ ...chat, messages: after })).choices[0].message.content);
    },
    async schema() {
      const asked = { ...chat, max_tokens: ROOM, temperature: 1, seed: 1 };
      const schema = z.toJSONSchema(Person);
      for (const response_format of [
        { type: "json_schema", json_schema: { name: "person", schema, strict: true } },
        { type: "json", value: schema },
      ]) {
        isPerson(JSON.parse((await usual.chatCompletion({ ...asked, response_format })).choices[0].message.content));
      }
    },
    embeddings: "it asks for them as Hugging Face's own servers have them",
    async errors() {
      await areRefused(
        ({ url, key, model = server.model, topP = 1 }) => at({ url, key }).chatCompletion({ ...chat, model, top_p: topP }),
        (error, status) =>
          assert.ok(error instanceof InferenceClientProviderApiError && error.httpResponse.status === status),
      );
    },
    async abort() {
      await isNoticed(async () => {
        const stop = new AbortController();
        for await (const _ of usual.chatCompletionStream({ ...chat, max_tokens: ENDLESS }, { signal: stop.signal })) {
          stop.abort();
        }
      });
    },
    async usage() {
      assert.equal((await usual.chatCompletion(chat)).usage.completion_tokens, 10);
      let counted;
      for await (const chunk of usual.chatCompletionStream({ ...chat, stream_options: { include_usage: true } })) {
        counted = chunk.usage ?? counted;
      }
      assert.equal(counted.completion_tokens, 10);
    },
  },
};
