package dev.saiki.rollout.check;

import dev.saiki.rollout.check.LevelReading.Verdict;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A level that a service judges: it receives the stage and the figures as a JSON object, and answers with `pass`,
/// true or false, and perhaps a `reason`.
///
/// @param service the service
public record WebhookCheck(RemoteService service) implements LevelCheck {

    @Override
    public LevelReading ask(ObjectNode stage) {
        try {
            JsonNode answer = RemoteJson.send(service.url(), service.key(), Optional.of(stage), service.timeout());
            JsonNode pass = answer.path("pass");
            if (!pass.isBoolean()) {
                return LevelReading.missing("pass must be true or false, got " + pass);
            }
            return pass.booleanValue()
                    ? new LevelReading(Verdict.PASSES, answer.path("reason").asString("passes"))
                    : new LevelReading(Verdict.FAILS, answer.path("reason").asString("fails"));
        } catch (IOException e) {
            return LevelReading.missing(String.valueOf(e.getMessage()));
        }
    }
}
