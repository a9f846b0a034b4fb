package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.RequestWords;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The doubts about two answers that need no knowledge of what is right: an answer is doubtful if it is in another
/// script than the prompt, ends with the same words again and again, goes beyond the request's limits, has a model's
/// control tokens or broken characters, or reports numbers of tokens that its text cannot have. A few good answers are
/// doubtful too, such as translations; both sides' are, so that only a difference counts.
final class Doubts {

    /// Control tokens such as `<|im_end|>`, and the character that stands for bytes that are no text.
    private static final Pattern NO_TEXT = Pattern.compile("<\\|\\w{2,30}\\|>|\uFFFD");

    private static final int REPEATS = 3;
    private static final int LEAST_REPEATED = 32;

    /// The period of an ending is looked for in this many characters.
    private static final int ENDING = 4_000;

    /// A Japanese answer without kana is at most this long.
    private static final int WITHOUT_KANA = 20;

    /// Tokens of a template around the text, which each side may have more of.
    private static final int AROUND_ANSWER = 32;

    private static final int AROUND_PROMPT = 64;
    private static final int BYTES_A_TOKEN = 32;

    /// The factor between the tokens that two tokenizers make of one prompt.
    private static final int TOKENIZERS = 3;

    private Doubts() {}

    /// Judges both answers to a request.
    ///
    /// @param request the body as JSON
    /// @return 1 for a doubtful answer, 0 for another
    static Sides about(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        JsonNode fields = fields(request);
        String script = RequestWords.script(baseline.text());
        // What both sides do alike must not hide what one of them does besides.
        String asked = script.equals(RequestWords.script(candidate.text()))
                ? script
                : RequestWords.script(RequestWords.last(fields));
        boolean isPromptMiscounted = differ(baseline.promptTokens(), candidate.promptTokens());
        return new Sides(
                isDoubtful(baseline, asked, fields) ? 1 : 0,
                isPromptMiscounted || isDoubtful(candidate, asked, fields) ? 1 : 0);
    }

    private static JsonNode fields(String request) {
        try {
            return Json.read(request.getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            return Json.object();
        }
    }

    private static boolean isDoubtful(Outcome.Answered answer, String asked, JsonNode request) {
        return isInOtherScript(answer.text(), asked)
                || isRepeating(answer.text())
                || isBeyond(answer, request)
                || NO_TEXT.matcher(answer.text()).find()
                || isMiscounted(answer);
    }

    /// Whether an answer has more tokens than the request allows, or a text at which it should have stopped.
    private static boolean isBeyond(Outcome.Answered answer, JsonNode request) {
        long most = Stream.of("max_completion_tokens", "max_tokens", "max_output_tokens")
                .mapToLong(name -> request.path(name).asLong(Long.MAX_VALUE))
                .min()
                .orElseThrow();
        JsonNode stop = request.path("stop");
        Stream<String> stops = stop.isString()
                ? Stream.of(stop.stringValue())
                : stop.valueStream().map(one -> one.asString(""));
        return answer.completionTokens() > most && !answer.hasThoughts()
                || stops.anyMatch(text -> !text.isEmpty() && answer.text().contains(text));
    }

    private static boolean isInOtherScript(String text, String asked) {
        String script = RequestWords.script(text);
        if (script.equals(asked) || script.equals(RequestWords.NO_SCRIPT) || asked.equals(RequestWords.NO_SCRIPT)) {
            return false;
        }
        return switch (asked) {
            case "japanese" -> !script.equals("han") || text.length() > WITHOUT_KANA;
            case "han" -> !script.equals("japanese");
            default -> true;
        };
    }

    /// Whether a text ends with the same characters three times or more. The longest ending of each period follows from
    /// the prefix function (Knuth, Morris and Pratt) of the reversed text.
    private static boolean isRepeating(String text) {
        String end = new StringBuilder(text.substring(Math.max(0, text.length() - ENDING)))
                .reverse()
                .toString();
        int[] borders = new int[end.length()];
        for (int i = 1; i < end.length(); i++) {
            int border = borders[i - 1];
            while (border > 0 && end.charAt(i) != end.charAt(border)) {
                border = borders[border - 1];
            }
            borders[i] = end.charAt(i) == end.charAt(border) ? border + 1 : 0;
            int length = i + 1;
            if (length >= LEAST_REPEATED && length >= REPEATS * (length - borders[i])) {
                return true;
            }
        }
        return false;
    }

    /// Whether the reported tokens cannot be those of the text: a token has at least one byte, and rarely many.
    private static boolean isMiscounted(Outcome.Answered answer) {
        if (answer.promptTokens() + answer.completionTokens() == 0) {
            return false;
        }
        long bytes = answer.comparable().getBytes(StandardCharsets.UTF_8).length;
        boolean isTooMany = answer.completionTokens() > bytes + AROUND_ANSWER && !answer.hasThoughts();
        return isTooMany || answer.completionTokens() <= bytes / BYTES_A_TOKEN - 1 || answer.completionTokens() == 0;
    }

    private static boolean differ(long one, long other) {
        return Math.min(one, other) > 0 && Math.max(one, other) > TOKENIZERS * Math.min(one, other) + AROUND_PROMPT;
    }
}
