package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A reference computed on demand by an OpenAI-compatible server, which continues texts greedily. The server
/// returns log-probabilities of the continuation and, if supported, of the text itself.
public final class EndpointReference implements Reference {

    private static final List<CompletionForm> FORMS = List.of(CompletionForm.values());

    private final EndpointClient client;
    private final String model;
    private final Settings settings;
    private final TokenNames names;
    private final Iterator<String> prompts;
    private int form;
    private boolean tokenizes = true;
    private int asked;
    private String tool = "";

    /// The request to a server.
    ///
    /// @param url URL of the server, with or without `/v1`
    /// @param apiKey API key, if the server needs one
    /// @param model name of the model on the server; the server's first model if omitted
    /// @param prompts the texts
    /// @param tokens maximum number of tokens to generate after each text
    /// @param timeout maximum time for one answer
    public record Server(
            URI url,
            Optional<String> apiKey,
            Optional<String> model,
            List<String> prompts,
            int tokens,
            Duration timeout) {

        /// Copies the list.
        public Server {
            prompts = List.copyOf(prompts);
        }
    }

    /// The model under comparison.
    ///
    /// @param tokenizer the model's tokenizer
    /// @param bounds the model's bounds
    /// @param tokens maximum number of tokens to write
    private record Settings(Tokenizer tokenizer, ModelBounds bounds, int tokens) {}

    private EndpointReference(EndpointClient client, String model, Settings settings, List<String> prompts) {
        this.client = client;
        this.model = model;
        this.settings = settings;
        this.names = new TokenNames(settings.tokenizer(), settings.bounds().vocabulary());
        this.prompts = prompts.iterator();
    }

    /// Finds a server.
    ///
    /// @param server the server and the request settings
    /// @param tokenizer tokenizer of the model under comparison
    /// @param bounds bounds of that model
    /// @return the reference, to be closed
    /// @throws InputException if the server cannot be reached, or lists no model
    /// @throws InterruptedException if this thread is interrupted
    public static EndpointReference open(Server server, Tokenizer tokenizer, ModelBounds bounds)
            throws InterruptedException {
        EndpointClient client = new EndpointClient(server.url(), server.apiKey(), server.timeout());
        try {
            String model = server.model().isPresent() ? server.model().get() : firstModel(client);
            return new EndpointReference(
                    client, model, new Settings(tokenizer, bounds, server.tokens()), server.prompts());
        } catch (RuntimeException | Error | InterruptedException e) {
            client.close();
            throw e;
        }
    }

    private static String firstModel(EndpointClient client) throws InterruptedException {
        EndpointClient.Answer answer = client.get("/v1/models");
        JsonNode id = answer.body().path("data").path(0).path("id");
        if (answer.status() != 200 || !id.isString()) {
            throw new InputException(
                    client.address() + "/models must list a model (or name one with --reference-model),"
                            + " got status " + answer.status() + ": " + answer.said());
        }
        return id.stringValue();
    }

    @Override
    public Optional<ReferenceText> next() throws InterruptedException {
        if (!prompts.hasNext()) {
            return Optional.empty();
        }
        String prompt = prompts.next();
        int length = settings.tokenizer().encodePromptWithSpecials(prompt).length;
        if (length + settings.tokens() > settings.bounds().longest()) {
            throw new InputException("prompt " + asked + " must have at most "
                    + (settings.bounds().longest() - settings.tokens()) + " tokens with this model, got " + length);
        }
        JsonNode body = ask(prompt);
        try {
            CompletionAnswer answer = new CompletionAnswer(body, FORMS.get(form).echoes(), names, settings.bounds());
            Optional<int[]> told = answer.promptIds();
            if (told.isEmpty()) {
                told = tokenized(prompt);
            }
            if (tool.isEmpty()) {
                tool = ReferenceFile.named(body.path("system_fingerprint").stringValue(""));
            }
            int[] ids = told.isPresent() ? told.get() : settings.tokenizer().encodePromptWithSpecials(prompt);
            ReferenceText text = answer.text(prompt, ids, told.isPresent());
            asked++;
            return Optional.of(text);
        } catch (InputException e) {
            throw new InputException(client.address() + "/completions, prompt " + asked + ": " + e.getMessage(), e);
        }
    }

    private JsonNode ask(String prompt) throws InterruptedException {
        while (true) {
            EndpointClient.Answer answer =
                    client.post("/v1/completions", FORMS.get(form).request(model, prompt, settings.tokens()));
            if (answer.status() == 200) {
                return answer.body();
            }
            boolean refused = answer.status() == 400 || answer.status() == 422 || answer.status() == 501;
            if (!refused || form + 1 == FORMS.size()) {
                throw new InputException(client.address() + "/completions must answer prompt " + asked + ", got status "
                        + answer.status() + ": " + answer.said());
            }
            form++;
        }
    }

    /// The server's tokenization of a text, if the server has an endpoint for it. llama.cpp and vLLM use different
    /// field names, and each ignores the other server's.
    private Optional<int[]> tokenized(String prompt) throws InterruptedException {
        if (!tokenizes) {
            return Optional.empty();
        }
        ObjectNode body = JsonMapper.shared().createObjectNode();
        body.put("model", model);
        body.put("prompt", prompt);
        body.put("content", prompt);
        body.put("add_special", true);
        body.put("add_special_tokens", true);
        EndpointClient.Answer answer = client.post("/tokenize", body);
        JsonNode tokens = answer.body().path("tokens");
        tokenizes = answer.status() == 200 && tokens.isArray() && !tokens.isEmpty();
        return tokenizes
                ? Optional.of(CompletionAnswer.ids("tokens of /tokenize", tokens, settings.bounds()))
                : Optional.empty();
    }

    @Override
    public Verification.Reference description() {
        return new Verification.Reference(
                Verification.Kind.ENDPOINT, client.address(), tool, ReferenceFile.named(model), "");
    }

    @Override
    public void close() {
        client.close();
    }
}
