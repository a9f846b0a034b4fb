package dev.saiki.eval.verify;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The request forms that servers understand, the most informative first. One that a server refuses is not tried again.
enum CompletionForm {
    /// With the prompt's own log-probabilities, and tokens named by their ids: vLLM.
    TOKENS_BY_ID(true, true, true),
    /// With the prompt's own log-probabilities, and the ids beside the text: Saiki.
    ECHO_AND_IDS(true, true, false),
    /// Without the prompt's: llama.cpp, which tells ids unasked and ignores what it does not know.
    IDS(false, true, false),
    /// With the prompt's, for servers that refuse what they do not know.
    ECHO(true, false, false),
    /// What every server understands.
    PLAIN(false, false, false);

    /// As many alternatives as OpenAI allows.
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
    /// @param model what the server calls it
    /// @param prompt the text
    /// @param tokens most tokens to write
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
