import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { features } from "../ai-sdk.mjs";
import { server } from "../checks.mjs";

const provider = ({ url = server.url, key = "none" } = {}) =>
  createOpenAICompatible({
    name: "saiki",
    baseURL: url,
    apiKey: key,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });

export default {
  packages: ["ai", "@ai-sdk/openai-compatible"],
  features: features(
    ({ url, key, name = server.model }) => ({ chat: provider({ url, key }).chatModel(name) }),
    provider().embeddingModel(server.model),
  ),
};
