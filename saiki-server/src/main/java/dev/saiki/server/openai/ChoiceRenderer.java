package dev.saiki.server.openai;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.http.ApiException;
import dev.saiki.http.EventStream;
import dev.saiki.http.Json;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.AnswerRenderer;
import dev.saiki.server.generation.FinishedAnswer;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import dev.saiki.server.protocol.ResponseIds;
import dev.saiki.server.protocol.UsageJson;
import dev.saiki.text.chat.EncodedPrompt;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The common renderer of text and chat completions. Answers are choices in an envelope, and an event of a stream
/// is an envelope around the new part of one choice.
public abstract class ChoiceRenderer implements AnswerRenderer {

    private static final String PROMPT_TOKEN_IDS = "prompt_token_ids";

    private final GenerationCall call;
    private final Names names;
    private final String id;
    private final long created = Instant.now().getEpochSecond();
    private final boolean reportsTokens;

    /// The constant part of events, serialized once.
    private final EventStream.Frame frame;

    /// The number of characters of each answer that have been sent.
    private final int[] offsets;

    /// The names that differ between the protocols.
    ///
    /// @param model the model's name in requests
    /// @param idPrefix the prefix of an answer's id
    /// @param whole the `object` of a whole answer
    /// @param piece the `object` of an event
    public record Names(String model, String idPrefix, String whole, String piece) {}

    /// Creates a renderer that has sent nothing.
    ///
    /// @param call the call to answer
    /// @param names the names of the protocol
    protected ChoiceRenderer(GenerationCall call, Names names) {
        this.call = call;
        this.names = names;
        this.id = ResponseIds.next(names.idPrefix());
        this.reportsTokens =
                call.wants(AnswerPart.LOGPROBS) || call.wants(AnswerPart.DEPTHS) || call.wants(AnswerPart.TOKEN_IDS);
        this.frame = frame(envelope(names.piece()));
        this.offsets = new int[call.answers()];
    }

    /// Whether each choice contains the ids of its prompt's tokens, as in vLLM for requests with several
    /// prompts; otherwise the ids stand beside the choices.
    protected abstract boolean hasPromptIdsInChoices();

    /// Writes a whole answer, without its index and finish reason.
    protected abstract void putWhole(ObjectNode choice, FinishedAnswer answer);

    /// Writes the content of an answer's first event.
    ///
    /// @param text the start of the answer; may be empty
    /// @return whether there is a first event
    protected abstract boolean putOpening(ObjectNode choice, String text);

    /// Writes the new part of an answer.
    ///
    /// @param index the index of the answer
    /// @param text the next characters; may be empty
    /// @param token the token that completed the characters, if there is one
    /// @param offset the number of the answer's characters before the text
    protected abstract void putPiece(ObjectNode choice, int index, String text, Optional<Token> token, int offset);

    /// Writes the last part of an answer's text.
    ///
    /// @param index the index of the answer
    /// @param text the last characters; may be empty
    /// @param offset the number of the answer's characters before the text
    /// @return whether there is a new part
    protected boolean putRest(ObjectNode choice, int index, String text, int offset) {
        putPiece(choice, index, text, Optional.empty(), offset);
        return !text.isEmpty();
    }

    /// Writes the content of an answer's last event, which also contains the finish reason.
    protected abstract void putEnding(ObjectNode choice);

    /// Whether log-probabilities are requested.
    protected final boolean wantsLogprobs() {
        return call.wants(AnswerPart.LOGPROBS);
    }

    @Override
    public String finishReason(int index, String unread, GenerationResult finish) {
        return finish.reason() == FinishReason.MAX_TOKENS ? "length" : "stop";
    }

    private ObjectNode envelope(String object) {
        ObjectNode body = Json.object();
        body.put("id", id);
        body.put("object", object);
        body.put("created", created);
        body.put("model", names.model());
        body.put("system_fingerprint", "saiki-" + Manifest.currentVersion());
        return body;
    }

    /// Creates the constant part of events. If usage is requested, a field for usage follows the choices, null
    /// until the last event.
    private EventStream.Frame frame(ObjectNode envelope) {
        String fields = new String(Json.bytes(envelope), StandardCharsets.UTF_8);
        String open = fields.substring(0, fields.length() - 1);
        return new EventStream.Frame(
                open + ",\"choices\":[", call.wants(AnswerPart.STREAM_USAGE) ? "],\"usage\":null}" : "]}");
    }

    @Override
    public final ObjectNode whole(List<FinishedAnswer> answers, Outcome outcome) {
        ObjectNode body = envelope(names.whole());
        ArrayNode choices = body.putArray("choices");
        for (FinishedAnswer answer : answers) {
            EncodedPrompt prompt = call.promptOf(answer.index());
            ObjectNode choice = choices.addObject().put("index", answer.index());
            putWhole(choice, answer);
            putReports(choice, answer.tokens(), prompt);
            putPromptIds(hasPromptIdsInChoices() ? choice : body, prompt);
            choice.put("finish_reason", finishReason(answer.index(), answer.text(), answer.finish()));
        }
        body.set("usage", UsageJson.of(outcome.usage()));
        body.set("timings", UsageJson.timings(outcome));
        return body;
    }

    /// Writes the requested details of tokens beside their text: the depths of all tokens, and the ids of the
    /// generated tokens.
    private void putReports(ObjectNode choice, List<Token> tokens, EncodedPrompt prompt) {
        if (call.wants(AnswerPart.DEPTHS)) {
            ArrayNode depths = choice.putArray("depths");
            tokens.forEach(token -> depths.add(token.depth()));
        }
        if (call.wants(AnswerPart.TOKEN_IDS)) {
            ArrayNode ids = choice.putArray("token_ids");
            tokens.stream()
                    .filter(token -> token.position() >= prompt.ids().length)
                    .forEach(token -> ids.add(token.id()));
        }
    }

    private void putPromptIds(ObjectNode place, EncodedPrompt prompt) {
        if (call.wants(AnswerPart.TOKEN_IDS)) {
            ArrayNode ids = place.putArray(PROMPT_TOKEN_IDS);
            Arrays.stream(prompt.ids()).forEach(ids::add);
        }
    }

    @Override
    public final void begin(EventStream stream) {
        EventStream.Frame opening = opening();
        for (int index = 0; index < offsets.length; index++) {
            String beginning = call.beginningOf(index);
            offsets[index] = codePoints(beginning);
            ObjectNode choice = choice(index);
            if (putOpening(choice, beginning) || call.wants(AnswerPart.TOKEN_IDS)) {
                if (hasPromptIdsInChoices()) {
                    putPromptIds(choice, call.promptOf(index));
                }
                send(stream, opening, choice);
            }
        }
    }

    /// The envelope of first events; in chat it also contains the ids of the prompt, if they are requested.
    private EventStream.Frame opening() {
        if (!call.wants(AnswerPart.TOKEN_IDS) || hasPromptIdsInChoices()) {
            return frame;
        }
        ObjectNode envelope = envelope(names.piece());
        putPromptIds(envelope, call.promptOf(0));
        return frame(envelope);
    }

    @Override
    public final void token(EventStream stream, int index, Token token) {
        if (!token.text().isEmpty() || reportsTokens) {
            send(stream, index, token.text(), Optional.of(token));
            offsets[index] += codePoints(token.text());
        }
    }

    /// Before the first event, sends an empty event instead of a comment, because some clients treat a
    /// leading comment as an event.
    @Override
    public final void silent(EventStream stream) {
        if (stream.hasBegun()) {
            stream.ping();
        } else {
            send(stream, 0, "", Optional.empty());
            stream.flush();
        }
    }

    @Override
    public final void ended(EventStream stream, int index, GenerationResult finish) {
        ObjectNode rest = choice(index);
        if (putRest(rest, index, finish.text(), offsets[index])) {
            putReports(rest, index, Optional.empty());
            send(stream, frame, rest);
        }
        ObjectNode ending = choice(index);
        putEnding(ending);
        ending.put("finish_reason", finishReason(index, finish.text(), finish));
        stream.send(frame, ending);
    }

    @Override
    public final void completed(EventStream stream, Outcome outcome) {
        if (call.wants(AnswerPart.STREAM_USAGE)) {
            ObjectNode last = envelope(names.piece());
            last.putArray("choices");
            last.set("usage", UsageJson.of(outcome.usage()));
            last.set("timings", UsageJson.timings(outcome));
            stream.send(last);
        }
        stream.done();
    }

    /// Sends an event named `error` with a field `error`: some clients check only the name, and others only the
    /// field.
    @Override
    public final void failed(EventStream stream, ApiException failure) {
        stream.send("error", failure.toJson());
    }

    private void send(EventStream stream, int index, String text, Optional<Token> token) {
        ObjectNode choice = choice(index);
        putPiece(choice, index, text, token, offsets[index]);
        putReports(choice, index, token);
        send(stream, frame, choice);
    }

    private void putReports(ObjectNode choice, int index, Optional<Token> token) {
        if (reportsTokens) {
            putReports(choice, token.stream().toList(), call.promptOf(index));
        }
    }

    private static void send(EventStream stream, EventStream.Frame frame, ObjectNode choice) {
        stream.send(frame, choice.putNull("finish_reason"));
    }

    private static ObjectNode choice(int index) {
        return Json.object().put("index", index);
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }
}
