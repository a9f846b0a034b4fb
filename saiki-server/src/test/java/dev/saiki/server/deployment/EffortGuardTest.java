package dev.saiki.server.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EffortGuardTest {

    private static final long SEED = 20_261_128;
    private static final int RUNS = 200;

    /// Three standard errors above 0.05 in 200 runs.
    private static final double MOST_WRONG = 0.0962;

    @TempDir
    private Path folder;

    private EffortGuard guard(double limit) {
        return new EffortGuard(
                new EffortCertificate(
                        Instant.EPOCH,
                        "0.1.0",
                        "hash",
                        "float32",
                        2,
                        0.6,
                        limit,
                        0.95,
                        new EffortCertificate.Prompts("prompts", "hash", 10, 40, 1000),
                        List.of()),
                folder);
    }

    @Test
    void answersThatLoseAsMuchAsIsAllowedSeldomRevoke() {
        Random random = new Random(SEED);
        int revoked = 0;
        for (int run = 0; run < RUNS; run++) {
            EffortGuard guard = guard(0.1);
            for (int answer = 0; answer < 400 && !guard.isRevoked(); answer++) {
                guard.observe(random.nextDouble() < 0.1 ? 1 : 0);
            }
            revoked += guard.isRevoked() ? 1 : 0;
        }
        assertThat((double) revoked / RUNS).isLessThanOrEqualTo(MOST_WRONG);
    }

    @Test
    void answersThatLoseMoreRevokeForGood() throws IOException {
        EffortGuard guard = guard(0.02);
        assertThat(guard.guarded(RouteSettings.MODEL)).isEqualTo(RouteSettings.MODEL);
        int answers = 0;
        while (!guard.isRevoked() && answers < 500) {
            guard.observe(answers % 4 == 0 ? 0.5 : -0.3);
            answers++;
        }
        assertThat(answers).isBetween(2, 100);
        assertThat(guard.guarded(RouteSettings.MODEL)).isEqualTo(RouteSettings.within(2, 2));
        RouteSettings chosen = RouteSettings.within(1, 1);
        assertThat(guard.guarded(chosen)).isEqualTo(chosen);
        assertThat(Files.readString(folder.resolve("certificate-revoked.json"))).contains("\"revoked\":true");
        assertThatThrownBy(() -> EffortGuard.requireNotRevoked(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("was revoked");
    }

    @Test
    void answersThatLoseNothingKeepIt() {
        EffortGuard guard = guard(0.02);
        for (int answer = 0; answer < 500; answer++) {
            guard.observe(-0.2);
        }
        assertThat(guard.isRevoked()).isFalse();
        assertThat(guard.logEvidence()).isNegative();
        EffortGuard.requireNotRevoked(folder);
    }
}
