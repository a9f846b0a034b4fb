// The checks of the Vercel AI SDK, whichever provider of models it has.
import { strict as assert } from "node:assert";
import { APICallError, embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { areRefused, areVectors, ENDLESS, isLoud, isNoticed, isPerson, isText, joined, Loud, Person, ROOM, server } from "./checks.mjs";

const settings = { prompt: "a", temperature: 0, maxOutputTokens: 10, maxRetries: 0 };
const ignore = { onError() {} };

/** The checks for models of language that a function gives for an address, a key and a name. */
export function features(models, embedding) {
  const usual = Object.values(models({}));
  const each = (check) => async () => {
    for (const model of usual) {
      await check(model);
    }
  };
  return {
    answer: each(async (model) => isText((await generateText({ ...settings, model })).text)),
    stream: each(async (model) => {
      const { text } = await generateText({ ...settings, model });
      assert.equal(await joined(streamText({ ...settings, model }).textStream), text);
    }),
    functions: each(async (model) => {
      let said;
      const say = tool({
        inputSchema: Loud,
        async execute(given) {
          said = given;
          return "done";
        },
      });
      const { steps } = await generateText({
        ...settings,
        model,
        maxOutputTokens: ROOM,
        tools: { say },
        toolChoice: "required",
        stopWhen: isStepCount(2),
      });
      assert.equal(steps.length, 2);
      isLoud(said);
      isLoud(steps[1].toolCalls[0].input);
    }),
    schema: each(async (model) => {
      const asked = { ...settings, model, temperature: 1, seed: 1, maxOutputTokens: ROOM };
      isPerson((await generateText({ ...asked, output: Output.object({ schema: Person }) })).output);
      const streamed = streamText({ ...asked, output: Output.object({ schema: Person }) });
      await streamed.consumeStream();
      isPerson(await streamed.output);
    }),
    async embeddings() {
      areVectors((await embedMany({ model: embedding, values: ["a", "b", "a"] })).embeddings);
    },
    async errors() {
      for (const kind of Object.keys(models({}))) {
        if (kind === "responses") {
          continue; // The key that may be used once is used.
        }
        await areRefused(
          ({ url, key, model, topP }) =>
            generateText({ ...settings, model: models({ url, key, name: model })[kind], topP }),
          (error, status) => assert.ok(APICallError.isInstance(error) && error.statusCode === status),
        );
      }
    },
    abort: each(async (model) => {
      await isNoticed(async () => {
        const stop = new AbortController();
        const { textStream } = streamText({
          ...settings,
          ...ignore,
          model,
          maxOutputTokens: ENDLESS,
          abortSignal: stop.signal,
        });
        for await (const _ of textStream) {
          stop.abort();
        }
      });
    }),
    usage: each(async (model) => {
      assert.equal((await generateText({ ...settings, model })).usage.outputTokens, 10);
      const streamed = streamText({ ...settings, model });
      await streamed.consumeStream();
      assert.equal((await streamed.usage).outputTokens, 10);
    }),
  };
}
