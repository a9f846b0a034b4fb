package dev.saiki.eval.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.eval.audit.RouterAudit.Dead;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadDecisionsTest {

    private static final int TYPES = 200;

    private final Random random = new Random(5);

    private static RoutedToken token(int id, int depth) {
        return new RoutedToken(
                0, 0, 0, id, 0, depth, 1, 1, 1, new RoutedToken.StepDecisions(new float[2], new float[2]));
    }

    /// Token types that all reach depth 2 with the same frequency.
    private List<RoutedToken> types(int occurrences, double on) {
        List<RoutedToken> tokens = new ArrayList<>();
        for (int id = 0; id < TYPES; id++) {
            for (int i = 0; i < occurrences; i++) {
                tokens.add(token(id, random.nextDouble() < on ? 2 : 1));
            }
        }
        return tokens;
    }

    private static long withoutAnyOn(List<RoutedToken> tokens) {
        return TYPES
                - tokens.stream()
                        .filter(token -> token.depth() > 1)
                        .mapToInt(RoutedToken::id)
                        .distinct()
                        .count();
    }

    @Test
    void rareRoutingDoesNotMakeTypesLookDeadByLuck() {
        List<RoutedToken> tokens = types(25, 0.1);
        assertThat(withoutAnyOn(tokens)).isGreaterThan(5);
        assertThat(DeadDecisions.dead(tokens, 2).tokenTypesNeverOn()).isZero();
        List<RoutedToken> mostlyOn = types(25, 0.9);
        assertThat(DeadDecisions.dead(mostlyOn, 2).tokenTypesAlwaysDeepest()).isZero();
    }

    @Test
    void typesThatWereSeenOftenAndNeverSentOnAreDead() {
        List<RoutedToken> tokens = types(100, 0.1);
        for (int i = 0; i < 100; i++) {
            tokens.add(token(TYPES, 1));
        }
        Dead dead = DeadDecisions.dead(tokens, 2);
        assertThat(dead.tokenTypes()).isEqualTo(TYPES + 1);
        assertThat(dead.tokenTypesNeverOn()).isEqualTo(1);
        // 0.9^66 is less than a thousandth.
        assertThat(dead.fewest()).isBetween(60, 72);
    }

    @Test
    void whereHalfGoOnTwentyAreEnough() {
        assertThat(DeadDecisions.dead(types(25, 0.5), 2).fewest()).isEqualTo(20);
        assertThat(DeadDecisions.dead(types(25, 0), 2).tokenTypesNeverOn()).isEqualTo(TYPES);
    }
}
