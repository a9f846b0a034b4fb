import { createOpenAI } from "@ai-sdk/openai";
import { features } from "../ai-sdk.mjs";
import { server } from "../checks.mjs";

const provider = ({ url = server.url, key = "none" } = {}) => createOpenAI({ baseURL: url, apiKey: key });

function models({ url, key, name = server.model }) {
  const openai = provider({ url, key });
  return { responses: openai.responses(name), chat: openai.chat(name) };
}

export default {
  packages: ["ai", "@ai-sdk/openai"],
  features: features(models, provider().embedding(server.model)),
};
