package dev.saiki.eval.verify;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The request formats that servers support, the most informative first. A format that a server rejects is not
/// tried again on that server.
enum CompletionForm {
    /// The format of vLLM: with log-probabilities of the prompt, and tokens named by id.
    TOKENS_BY_ID(true, true, true),
    /// The format of Saiki: with log-probabilities of the prompt, and ids in addition to the text.
    ECHO_AND_IDS(true, true, false),
    /// The format of llama.cpp: without log-probabilities of the prompt. llama.cpp always returns ids and ignores
    /// unknown fields.
    IDS(false, true, false),
    /// The format for servers that reject unknown fields: with log-probabilities of the prompt.
    ECHO(true, false, false),
    /// The format with only the fields that every server supports.
    PLAIN(false, false, false);

    /// The maximum number of alternatives per token that OpenAI's API returns.
    private static final int ALTERNATIVES = 5;

    private final boolean echo;
    private final boolean ids;
    private final boolean namesAreIds;

    CompletionForm(boolean echo, boolean ids, boolean namesAreIds) {
        this.echo = echo;
        this.ids = ids;
        this.namesAreIds = namesAreIds;
    }

    /// Whether the answer begins with the prompt.
    boolean echoes() {
        return echo;
    }

    /// Writes a request.
    ///
    /// @param model name of the model on the server
    /// @param prompt the text
    /// @param tokens maximum number of tokens to write
    ObjectNode request(String model, String prompt, int tokens) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put("model", model);
        body.put("prompt", prompt);
        body.put("max_tokens", tokens);
        body.put("temperature", 0);
        body.put("logprobs", ALTERNATIVES);
        if (echo) {
            body.put("echo", true);
        }
        if (ids) {
            body.put("return_token_ids", true);
        }
        if (namesAreIds) {
            body.put("return_tokens_as_token_ids", true);
        }
        return body;
    }
}
