package dev.saiki.rollout.proxy;

import dev.saiki.rollout.pair.RequestWords;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.PlannedSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The traits of requests, by which slices of traffic are found: tenant, script, length, stream, tools, system message,
/// the first word of what the user says, and the plan's slices. System messages are kept as keyed hashes only; so are
/// first words, unless the plan keeps texts.
final class Traits {

    private static final Pattern FIRST_WORD = Pattern.compile("^\\s*(\\S{1,24})(?:\\s|$)");
    private static final int[] LENGTHS = {200, 1_000, 4_000, 16_000};

    private static final int HASH_DIGITS = 8;

    private final Conversations conversations;
    private final GatewayPlan plan;

    /// @param plan tells whether texts may be kept, and names slices
    Traits(Conversations conversations, GatewayPlan plan) {
        this.conversations = conversations;
        this.plan = plan;
    }

    /// Lists the traits of a request.
    ///
    /// @param tenant name of the request's API key; empty if keys are off
    List<String> of(ForwardedRequest request, String tenant) {
        JsonNode fields = request.fields();
        String said = RequestWords.last(fields);
        List<String> traits = new ArrayList<>();
        traits.add("tenant=" + tenant);
        traits.add("script=" + RequestWords.script(said));
        traits.add("length=" + length(RequestWords.length(fields)));
        traits.add("stream=" + request.streams());
        traits.add("tools=" + !fields.path("tools").isEmpty());
        traits.add("system=" + hash(system(fields)));
        firstWord(said).ifPresent(word -> traits.add("begins=" + (plan.access().keepsTexts() ? word : hash(word))));
        plan.evidence().slices().stream()
                .filter(slice -> slice.holds(said, request::header))
                .map(PlannedSlice::name)
                .forEach(traits::add);
        return List.copyOf(traits);
    }

    private String hash(String text) {
        return conversations.subject(text).substring(0, HASH_DIGITS);
    }

    /// The turn of a conversation whose client sends all of it: 1 plus the number of the model's messages and calls.
    static int turn(JsonNode fields) {
        int turn = 1;
        for (JsonNode message : RequestWords.turns(fields)) {
            boolean isAnswer = message.path("role").asString("").equals("assistant")
                    || message.path("type").asString("").equals("function_call");
            turn += isAnswer ? 1 : 0;
        }
        return turn;
    }

    private static String system(JsonNode fields) {
        for (JsonNode message : fields.path("messages")) {
            String role = message.path("role").asString("");
            if (role.equals("system") || role.equals("developer")) {
                return RequestWords.text(message.path("content"));
            }
        }
        return fields.path("instructions").asString("");
    }

    private static String length(int characters) {
        for (int length : LENGTHS) {
            if (characters <= length) {
                return "up to " + length;
            }
        }
        return "over " + LENGTHS[LENGTHS.length - 1];
    }

    private static Optional<String> firstWord(String text) {
        Matcher matcher = FIRST_WORD.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1).toLowerCase(Locale.ROOT)) : Optional.empty();
    }
}
