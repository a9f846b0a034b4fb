package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.RequestWords;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The doubts about two answers that need no knowledge of what is right: an answer is doubtful if it is in another
/// script than the prompt, ends with the same words again and again, goes beyond the request's limits, has a model's
/// control tokens or broken characters, or reports numbers of tokens that its text cannot have. A few good answers are
/// doubtful too, such as translations, but those of both sides.
final class Doubts {

    /// Control tokens such as `<|im_end|>`, and the character that stands for bytes that are no text.
    private static final Pattern NO_TEXT = Pattern.compile("<\\|\\w{2,30}\\|>|\uFFFD");

    private static final int REPEATS = 3;

    /// The least characters of an ending, and those of a whole text, that count as repeated.
    private static final int LEAST_REPEATED = 32;

    private static final int LEAST_TEXT = 12;

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
    /// @return 1 for an answer that alone is doubtful, 0 for another: what both sides do alike must not hide
    ///     what one of them does besides
    static Sides about(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        JsonNode fields = RequestWords.fields(request).orElseGet(Json::object);
        String script = RequestWords.script(baseline.text());
        String asked = script.equals(RequestWords.script(candidate.text()))
                ? script
                : RequestWords.script(RequestWords.last(fields));
        boolean isBaseline = isDoubtful(baseline, asked, fields);
        boolean isCandidate = isDoubtful(candidate, asked, fields);
        boolean isMiscounted = isMiscounted(fields, baseline, candidate);
        return new Sides(isBaseline && !isCandidate ? 1 : 0, isMiscounted || (isCandidate && !isBaseline) ? 1 : 0);
    }

    private static boolean isDoubtful(Outcome.Answered answer, String asked, JsonNode request) {
        return isInOtherScript(answer.text(), asked)
                || isRepeating(answer.text())
                || isBeyond(answer, request)
                || NO_TEXT.matcher(answer.text()).find();
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
        return (answer.completionTokens() > most && !answer.hasThoughts())
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

    /// Whether a text ends with the same characters three times or more, or is the same twice. The longest ending of
    /// each period follows from the prefix function (Knuth, Morris and Pratt) of the reversed text.
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
            int least = i + 1 == text.length() ? LEAST_TEXT : LEAST_REPEATED;
            int repeats = i + 1 == text.length() && i >= LEAST_REPEATED ? 2 : REPEATS;
            // The last repeat may lack the space after it.
            if (i + 1 >= least && i + 2 >= repeats * (i + 1 - borders[i])) {
                return true;
            }
        }
        return false;
    }

    /// Whether the candidate's numbers of tokens cannot be those of its texts, though the baseline's can. A baseline's
    /// wrong numbers are no merit of the candidate, which would make up for its failures.
    private static boolean isMiscounted(JsonNode request, Outcome.Answered baseline, Outcome.Answered candidate) {
        boolean isDue = !request.path("stream").asBoolean(false)
                || request.path("stream_options").path("include_usage").asBoolean(false);
        boolean isMissing = candidate.completionTokens() == 0 && (isDue || candidate.promptTokens() > 0);
        return (isMissing && baseline.completionTokens() > 0)
                || (isImpossible(candidate) && !isImpossible(baseline))
                || differ(baseline.promptTokens(), candidate.promptTokens());
    }

    /// Whether the reported tokens cannot be those of the text: a token has at least one byte, and rarely many.
    private static boolean isImpossible(Outcome.Answered answer) {
        long tokens = answer.completionTokens();
        long bytes = answer.comparable().getBytes(StandardCharsets.UTF_8).length;
        return (tokens > bytes + AROUND_ANSWER && !answer.hasThoughts())
                || (tokens > 0 && tokens <= bytes / BYTES_A_TOKEN - 1);
    }

    private static boolean differ(long one, long other) {
        return Math.min(one, other) > 0 && Math.max(one, other) > TOKENIZERS * Math.min(one, other) + AROUND_PROMPT;
    }
}
