package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The compose file for one host.
class ComposeFileTest {

    private final JsonNode compose =
            Manifests.parse(Documents.text("deploy/compose/compose.yaml")).getFirst();

    @Test
    void theCommandsAreThoseOfTheProgram() {
        assertThat(compose.path("services").propertyNames()).contains("server", "gateway");
        compose.path("services").forEach(service -> Manifests.requireCommand(service.path("command")));
    }

    @Test
    void runningAnswersMayFinish() {
        assertThat(compose.path("services").valueStream())
                .hasSize(2)
                .allSatisfy(service -> assertThat(Duration.parse(
                                "PT" + service.path("stop_grace_period").stringValue()))
                        .isGreaterThan(
                                Manifests.drainTime(service.path("command")).plus(Manifests.CLOSING)));
    }

    @Test
    void noServiceMayDoMoreThanItNeeds() {
        JsonNode hardened = compose.path("x-hardened");
        assertThat(hardened.path("read_only").booleanValue()).isTrue();
        assertThat(Manifests.words(hardened.path("cap_drop"))).containsExactly("ALL");
        assertThat(hardened.path("user").stringValue()).isEqualTo("10001:10001");
        String text = Documents.text("deploy/compose/compose.yaml");
        compose.path("services")
                .propertyNames()
                .forEach(name -> assertThat(text).contains("  " + name + ":\n    <<: *hardened"));
    }
}
