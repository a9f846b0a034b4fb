package dev.saiki.rollout.check;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Pair;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A question with a known answer.
///
/// @param line the line in the file of questions, from 1
/// @param request the request that asks the question, without the model's name
/// @param expected the check that a correct answer passes
public record GoldenQuestion(int line, ObjectNode request, Check expected) {

    private static final String MESSAGES = "messages";
    private static final String PROMPT = "prompt";
    private static final String PATTERN = "pattern";
    private static final String ANSWER = "answer";
    private static final Set<String> KEYS = Set.of(MESSAGES, PROMPT, PATTERN, ANSWER);

    /// Reads questions, one per line: `{"prompt": "2 + 2 =", "pattern": "\\b4\\b"}`; chat `messages` may replace
    /// `prompt`, and a literal `answer` may replace `pattern`.
    ///
    /// @param name the name of the file, for messages
    /// @param lines the lines of JSON
    /// @param fields added to every request
    /// @return the questions
    /// @throws InputException naming the line, the allowed and the actual value
    public static List<GoldenQuestion> read(String name, String lines, Map<String, JsonNode> fields) {
        List<GoldenQuestion> questions = new ArrayList<>();
        int number = 0;
        for (String line : lines.lines().toList()) {
            number++;
            if (!line.isBlank()) {
                questions.add(read(name + " line " + number, number, line, fields));
            }
        }
        InputException.require(!questions.isEmpty(), name, "the golden set", "at least one question", "none");
        return List.copyOf(questions);
    }

    private static GoldenQuestion read(String place, int number, String line, Map<String, JsonNode> fields) {
        JsonNode json;
        try {
            json = Json.read(line.getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            throw new InputException(place + ": must be a JSON object (" + e.getOriginalMessage() + ")", e);
        }
        json.propertyNames().stream()
                .filter(key -> !KEYS.contains(key))
                .findFirst()
                .ifPresent(key -> {
                    throw InputException.of(place, "keys", "prompt or messages, and pattern or answer", key);
                });
        boolean isPrompt = json.path(PROMPT).isString();
        boolean isAsked = isPrompt != json.path(MESSAGES).isArray();
        InputException.require(isAsked, place, "the question", "a text as prompt, or an array as messages", line);
        boolean isExpected = json.path(PATTERN).isString() != json.path(ANSWER).isString();
        InputException.require(isExpected, place, "the expected answer", "a text as pattern, or as answer", line);
        ObjectNode request = Json.object();
        String key = isPrompt ? PROMPT : MESSAGES;
        request.set(key, json.path(key));
        fields.forEach(request::set);
        Check expected = json.has(PATTERN)
                ? RegexCheck.of(place + ": pattern", json.path(PATTERN).stringValue())
                : new AnswerCheck(json.path(ANSWER).stringValue());
        return new GoldenQuestion(number, request, expected);
    }

    /// Returns the API path for the request.
    ///
    /// @return the path of chats or of completions
    public String path() {
        return request.has(MESSAGES) ? "/v1/chat/completions" : "/v1/completions";
    }

    /// Compares the answers by whether they are right.
    ///
    /// @param pair outcomes of both sides
    /// @return the losses of both sides, 1 for a wrong answer; empty if the comparison failed
    public Optional<Sides> observe(Pair pair) {
        return expected.observe(pair);
    }
}
