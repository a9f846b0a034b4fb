package dev.saiki.rollout.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PlannedSliceTest {

    private static PlannedSlice slice(String prompt, Map<String, String> headers) {
        return new PlannedSlice(
                "billing",
                Optional.of(prompt).filter(text -> !text.isEmpty()).map(Pattern::compile),
                new TreeMap<>(headers),
                OptionalDouble.empty());
    }

    private static Optional<String> header(String name) {
        return Optional.ofNullable(Map.of("X-Team", "beta").get(name));
    }

    @Test
    void aRequestBelongsToItIfPromptAndHeadersAreAsDescribed() {
        assertThat(slice("(?i)invoice", Map.of()).holds("My INVOICE is wrong", PlannedSliceTest::header))
                .isTrue();
        assertThat(slice("(?i)invoice", Map.of()).holds("Hello", PlannedSliceTest::header))
                .isFalse();
        assertThat(slice("", Map.of("X-Team", "beta")).holds("Hello", PlannedSliceTest::header))
                .isTrue();
        assertThat(slice("", Map.of("X-Team", "alpha")).holds("Hello", PlannedSliceTest::header))
                .isFalse();
        assertThat(slice("Bye", Map.of("X-Team", "beta")).holds("Hello", PlannedSliceTest::header))
                .isFalse();
    }

    @Test
    void anExpressionThatWouldSearchForYearsOrDeeplyGivesUp() {
        assertThat(slice("a*a*a*a*=", Map.of()).holds("a".repeat(3_000), PlannedSliceTest::header))
                .isFalse();
        assertThat(slice("(a|b)*c", Map.of()).holds("ab".repeat(50_000), PlannedSliceTest::header))
                .isFalse();
    }

    @Test
    void oneThatHoldsEveryRequestIsRefused() {
        assertThatThrownBy(() -> slice("", Map.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("slice billing must have a prompt or a header");
    }
}
