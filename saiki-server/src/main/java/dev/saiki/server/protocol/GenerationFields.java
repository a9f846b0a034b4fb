package dev.saiki.server.protocol;

import dev.saiki.chat.ChatPrompt;
import dev.saiki.chat.PromptOptions;
import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.ReportSettings;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.http.ApiException;
import dev.saiki.http.RequestBody;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.server.access.Request;
import dev.saiki.server.deployment.LoadShedder;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.chat.EncodedPrompt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The common fields of all requests for generated text: OpenAI's, common extensions, and Saiki's for depth.
public final class GenerationFields {

    /// Fields that only requests with a conversation support.
    public static final Set<String> OF_CONVERSATIONS = Set.of("tools", PromptOptions.SETTINGS);

    private static final String MAX_TOKENS = "max_tokens";

    /// The names of the length limit in chat, responses and text completions; {@link #PROMPTS} contains the names
    /// of the prompt in the same order.
    private static final List<String> LENGTHS = List.of("max_completion_tokens", "max_output_tokens", MAX_TOKENS);

    private static final List<String> PROMPTS = List.of("messages", "input", "prompt");

    private static final String MAX_DEPTH = "max_depth";
    private static final List<String> OWN_DEPTH = List.of("effort", "min_depth", MAX_DEPTH);

    /// The largest edit distance at which a field is refused as a misspelling of a depth field.
    private static final int MISTYPED = 2;

    /// Plausible wrong names of the depth limits.
    private static final Set<String> OTHER_WORDS =
            Set.of("depth", "recursions", "max_recursions", "min_recursions", "num_recursions");

    private static final List<String> OTHER_WORDS_MEAN = List.of(MAX_DEPTH, "min_depth");

    private static final String REASONING_EFFORT = "reasoning_effort";

    /// The objects that contain the effort level: in responses, and in messages.
    private static final List<String> EFFORT_PLACES = List.of("reasoning", "output_config");

    private static final String VERBOSITY = "verbosity";
    private static final Set<String> VERBOSITIES = Set.of("low", "medium", "high");

    private static final String MIN_TOKENS = "min_tokens";
    private static final String STOP_TOKENS = "stop_token_ids";
    /// OpenAI's limit.
    private static final int MAX_STOPS = 4;

    private static final int MAX_STOP_SEQUENCES = 16;
    private static final int MAX_STOP_TOKENS = 256;
    private static final int MAX_CHOICES = 128;

    private static final int MAX_TEMPERATURE = 2;

    private final RequestBody body;
    private final Request request;
    private final ModelDeployment model;
    private final RequestLimits limits;
    private final Protocol protocol;

    /// The requested form of the answer, if any, once it has been read.
    private @Nullable TextConstraint form;

    private boolean readForm;

    /// The syntax of an answer in a conversation, once its prompt has been built.
    private @Nullable AnswerSyntax syntax;

    /// Creates a reader of a request's fields.
    ///
    /// @param body the body of the request
    /// @param request the request, with its caller and the model that is to answer
    /// @param limits on the request
    /// @param protocol the protocol of the request
    public GenerationFields(RequestBody body, Request request, RequestLimits limits, Protocol protocol) {
        this.body = body;
        this.request = request;
        this.model = request.deployment();
        this.limits = limits;
        this.protocol = protocol;
    }

    /// Refuses unsupported fields.
    ///
    /// @param more further unsupported fields, in addition to those that no protocol supports
    /// @param except the fields that this request may use nevertheless
    public void requirePossible(List<String> more, Set<String> except) {
        UnsupportedFields.refuse(body, more, except);
        requireOwnNames();
        requireHarmless();
        for (String modality : body.texts("modalities", 8)) {
            if (!modality.equals("text")) {
                throw ApiException.unsupported(
                        "modalities must be text, got " + RequestBody.shortened(modality), "modalities");
            }
        }
    }

    /// Refuses a field that misspells a depth field or uses another word for it: ignoring it would silently change
    /// the answer, and clients do not send such fields unasked. Other unknown fields are ignored, because they
    /// belong to other vendors' APIs.
    private void requireOwnNames() {
        for (String name : body.names()) {
            List<String> meant = OWN_DEPTH.contains(name) ? List.of() : suggestions(name);
            if (!meant.isEmpty()) {
                throw ApiException.invalid(
                        RequestBody.shortened(name) + " is not a field of this request; did you mean "
                                + String.join(" or ", meant) + "?",
                        name);
            }
        }
    }

    private static List<String> suggestions(String name) {
        return OTHER_WORDS.contains(name) ? OTHER_WORDS_MEAN : Suggestions.within(name, OWN_DEPTH, MISTYPED);
    }

    /// Checks fields that are accepted without effect: the model cannot control its verbosity, and predicted
    /// output does not make it faster.
    private void requireHarmless() {
        RequestBody _ = body.object("prediction");
        Optional<JsonNode> words = (body.has("input") ? body.object("text") : body).value(VERBOSITY);
        words.filter(said -> !VERBOSITIES.contains(said.stringValue(""))).ifPresent(said -> {
            throw RequestBody.wrong(VERBOSITY, "low, medium or high", said);
        });
    }

    /// Reads the number of answers to each prompt.
    public int choices(int prompts) {
        int choices = body.integer("n", 1, MAX_CHOICES).orElse(1);
        if ((long) choices * prompts > limits.choices()) {
            throw ApiException.invalid(
                    "n times the number of prompts must be at most " + limits.choices() + ", got " + choices + " times "
                            + prompts,
                    "n");
        }
        OptionalInt best = body.integer("best_of", 1);
        if (best.isPresent() && best.getAsInt() != choices) {
            throw ApiException.unsupported("best_of is not supported unless it equals n", "best_of");
        }
        return choices;
    }

    /// Reads the largest number of generated tokens, and checks that the context has room for them.
    ///
    /// @param longestPrompt the number of tokens of the longest prompt
    /// @param usual the default, lowered if the context has less room; empty to allow all the room that the
    ///     context has
    /// @param least the smallest allowed value
    public int maxTokens(int longestPrompt, OptionalInt usual, int least) {
        int context = model.engine().config().maxPositionEmbeddings();
        String field = LENGTHS.stream().filter(body::has).findFirst().orElse(MAX_TOKENS);
        OptionalInt asked = body.integer(field, least);
        int room = room(longestPrompt, asked.isEmpty() ? 1 : least);
        if (asked.isEmpty()) {
            return Math.min(usual.orElse(room), room);
        }
        if (asked.getAsInt() > room) {
            throw ApiException.tooLong(
                    "the model's context is " + context + " tokens; the prompt has " + longestPrompt + " and " + field
                            + " asks for " + asked.getAsInt() + ", which is more than the " + room + " left",
                    field);
        }
        return asked.getAsInt();
    }

    /// The number of tokens that a prompt leaves for its answer.
    ///
    /// @param longestPrompt the number of tokens of the longest prompt
    /// @param least the smallest sufficient number
    /// @throws ApiException with status 400 if there are fewer
    public int room(int longestPrompt, int least) {
        int context = model.engine().config().maxPositionEmbeddings();
        int room = context - longestPrompt;
        if (room < least) {
            throw ApiException.tooLong(
                    "the model's context is " + context + " tokens, and the prompt has " + longestPrompt
                            + ", which leaves no room for an answer",
                    PROMPTS.stream().filter(body::has).findFirst().orElse("prompt"));
        }
        return room;
    }

    /// Reads the sampling, the stop conditions and the depth of a request for generated text.
    ///
    /// @param prompts the prompts to continue, at least one
    /// @param choices the number of answers to each prompt
    /// @param maxTokens the largest number of tokens in each answer
    /// @param alternatives the number of likeliest tokens to report at each position
    /// @param parts the parts of an answer in addition to its text
    public GenerationCall call(
            List<EncodedPrompt> prompts, int choices, int maxTokens, int alternatives, Set<AnswerPart> parts) {
        boolean reportsPrompt = AnswerPart.reportPrompt(parts);
        // A request for at most one token, or for the tokens of its prompt, measures the model instead of
        // generating text.
        boolean scores = maxTokens <= 1 || reportsPrompt;
        LoadShedder.Shed shed = model.shed(route(), scores);
        GenerationRequest.Builder request = request(prompts.getFirst(), maxTokens)
                // lm-evaluation-harness scores texts with requests for at most one token that report the
                // prompt's tokens; their answers must not depend on options for readable text.
                .wholeUtf8(body.flag("whole_utf8", true) && !(maxTokens <= 1 && reportsPrompt))
                .route(shed.route())
                .report(new ReportSettings(reportsPrompt, alternatives));
        bind(request, maxTokens);
        return requireHoldable(new GenerationCall(prompts, choices, maxTokens, request.build(), parts, shed.level()));
    }

    /// Reads a request for the inspector, whose depth is never lowered under load.
    public GenerationCall inspected(EncodedPrompt prompt, int maxTokens) {
        GenerationRequest.Builder request = request(prompt, maxTokens)
                .wholeUtf8(body.flag("whole_utf8", true))
                .route(route());
        bind(request, maxTokens);
        return new GenerationCall(List.of(prompt), 1, maxTokens, request.build(), Set.of(), 0);
    }

    private GenerationRequest.Builder request(EncodedPrompt first, int maxTokens) {
        return GenerationRequest.builder(first.ids(), Math.max(1, maxTokens))
                .sampling(sampling())
                .penalties(new Penalties(
                        body.number("repetition_penalty", 1),
                        body.number("presence_penalty", 0),
                        body.number("frequency_penalty", 0)))
                .logitBias(logitBias())
                .seed(seed())
                .timeout(limits.answerTime())
                .owner(request.caller().subject().orElse(GenerationRequest.ANYONE));
    }

    /// Sets the stop conditions, including the end of the model's turn, and constrains the answer to its form or
    /// to the form of a tool call.
    private void bind(GenerationRequest.Builder request, int maxTokens) {
        StopConditions ending = ending(maxTokens);
        if (syntax == null) {
            request.ending(ending);
            form().ifPresent(request::constraint);
            return;
        }
        try {
            model.chats().bind(request, ending, syntax, form());
        } catch (InputException mistake) {
            throw ApiException.invalid(String.valueOf(mistake.getMessage()), "tools");
        }
    }

    private Optional<TextConstraint> form() {
        if (!readForm) {
            form = ResponseFormat.read(body).orElse(null);
            readForm = true;
        }
        return Optional.ofNullable(form);
    }

    /// Whether conversations are rendered by the checkpoint's own template.
    public boolean hasTemplate() {
        return model.chats().templateSource().isPresent();
    }

    /// Reads the options of the prompt, apart from the conversation.
    public PromptOptions promptOptions() {
        return ConversationFields.options(body, form().isPresent());
    }

    /// Builds the prompt of a conversation with its tools.
    public ChatPrompt chat(List<ChatTurn> turns) {
        return chat(turns, promptOptions());
    }

    /// Builds the prompt of a conversation with its tools.
    public ChatPrompt chat(List<ChatTurn> turns, PromptOptions options) {
        ChatPrompt chat = ConversationFields.prompt(model, turns, protocol.tools(body), options);
        syntax = chat.syntax();
        return chat;
    }

    private SamplingSettings sampling() {
        double topP = numberUpTo(1, "top_p");
        // With `top_p` 0 only the likeliest token remains.
        int topK = topP == 0 ? 1 : Math.max(0, body.integer("top_k", -1).orElse(0));
        return SamplingSettings.builder()
                .temperature(temperature())
                .topK(topK)
                .topP(topP == 0 ? 1 : topP)
                .minP(body.number("min_p", 0))
                .build();
    }

    /// Anthropic's temperatures end at 1.
    private double temperature() {
        return numberUpTo(protocol == Protocol.MESSAGES ? 1 : MAX_TEMPERATURE, "temperature");
    }

    /// A number from 0 to a maximum; 1 if it is missing.
    private double numberUpTo(int max, String name) {
        double number = body.number(name, 1);
        if (!(number >= 0 && number <= max)) {
            throw ApiException.invalid(name + " must be from 0 to " + max + ", got " + number, name);
        }
        return number;
    }

    private StopConditions ending(int maxTokens) {
        int least = body.integer(MIN_TOKENS, 0).orElse(0);
        if (least > maxTokens) {
            throw ApiException.invalid(
                    MIN_TOKENS + " must be at most " + maxTokens + ", the maximum length of the answer, got " + least,
                    MIN_TOKENS);
        }
        return new StopConditions(stopTexts(), stopTokens(), !body.flag("ignore_eos", false), least);
    }

    /// Reads the stop texts.
    ///
    /// @return the stop texts, as the request gave them
    public List<String> stopTexts() {
        return protocol == Protocol.MESSAGES
                ? body.texts("stop_sequences", MAX_STOP_SEQUENCES)
                : body.texts("stop", MAX_STOPS);
    }

    private Set<Integer> stopTokens() {
        List<JsonNode> ids = body.items(STOP_TOKENS, MAX_STOP_TOKENS);
        int vocabulary = model.engine().config().vocabSize();
        return IntStream.of(RequestBody.tokenIds(ids, STOP_TOKENS, vocabulary))
                .boxed()
                .collect(Collectors.toSet());
    }

    /// Refuses answers too large to be held in memory until they are sent.
    ///
    /// @return the same call
    private GenerationCall requireHoldable(GenerationCall call) {
        if (call.maxTotalTokens() <= limits.answerTokens()) {
            return call;
        }
        int named = call.settings().report().alternatives();
        String field = Stream.of("top_logprobs", "logprobs")
                .filter(asked -> named > 0 && body.has(asked))
                .findFirst()
                .orElse("n");
        throw ApiException.invalid(
                "all answers to a request may have at most " + limits.answerTokens()
                        + " tokens in total, including reported alternatives, got " + call.maxTotalTokens() + ": "
                        + (long) call.choices() * call.prompts().size() + " answers of at most " + call.maxTokens()
                        + " tokens" + (call.reportsPrompt() ? " and their prompts" : "")
                        + (named > 0 ? ", each with " + named + " alternatives" : ""),
                field);
    }

    /// Reads the depth settings: Saiki's own fields, or else an effort level.
    ///
    /// @throws ApiException with status 400 for a depth that the model does not have; for a model without
    ///     recursions, every depth is accepted
    public RouteSettings route() {
        ModelConfig config = model.engine().config();
        RouteSettings.Builder route = RouteSettings.builder();
        int deepest = config.numRecursions() > 1 ? config.numRecursions() : Integer.MAX_VALUE;
        body.integer("min_depth", 1, deepest).ifPresent(route::minDepth);
        body.integer(MAX_DEPTH, 1, deepest).ifPresent(route::maxDepth);
        if (body.has("effort")) {
            route.effort(body.number("effort", 1));
        }
        Optional<EffortLevel> level = effortLevel();
        if (level.isPresent() && OWN_DEPTH.stream().noneMatch(body::has)) {
            level.get().apply(route, config);
        }
        return route.build();
    }

    /// The effort level, in any protocol's field.
    private Optional<EffortLevel> effortLevel() {
        return body.value(REASONING_EFFORT)
                .map(word -> EffortLevel.read(word, REASONING_EFFORT))
                .or(() -> EFFORT_PLACES.stream()
                        .flatMap(place ->
                                body.object(place).value("effort").stream().map(word -> EffortLevel.read(word, place)))
                        .findFirst());
    }

    /// A request without a seed gets a random one.
    private long seed() {
        OptionalLong asked = body.longInteger("seed");
        return asked.isPresent()
                ? asked.getAsLong()
                : ThreadLocalRandom.current().nextLong();
    }

    private Map<Integer, Double> logitBias() {
        Map<Integer, Double> biases = new HashMap<>();
        RequestBody given = body.object("logit_bias");
        int vocabulary = model.engine().config().vocabSize();
        for (String token : given.names()) {
            int id = token.matches("[0-9]{1,9}") ? Integer.parseInt(token) : vocabulary;
            if (id >= vocabulary) {
                throw ApiException.invalid(
                        "logit_bias must name token ids from 0 to " + (vocabulary - 1) + ", got "
                                + RequestBody.shortened(token),
                        "logit_bias");
            }
            biases.put(id, given.number(token, 0));
        }
        return biases;
    }

    public boolean stream() {
        return body.flag("stream", false);
    }

    /// The parts requested by the common fields of chat and text completions; the caller may add more.
    public Set<AnswerPart> parts() {
        Set<AnswerPart> parts = AnswerPart.STREAM.when(stream());
        parts.addAll(AnswerPart.STREAM_USAGE.when(body.object("stream_options").flag("include_usage", false)));
        parts.addAll(AnswerPart.DEPTHS.when(body.flag("return_depths", false)));
        parts.addAll(AnswerPart.TOKEN_IDS.when(body.flag("return_token_ids", false)));
        return parts;
    }
}
