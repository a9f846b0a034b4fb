package dev.saiki.server.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model of three recursions, certified at effort 0.6 against depth 2.
class EffortGuardTest {

    private static final long SEED = 20_261_128;
    private static final int RUNS = 200;

    /// Three standard errors above 0.05 in 200 runs.
    private static final double MOST_WRONG = 0.0962;

    private static final EffortGuard.Risks NONE = new EffortGuard.Risks(-0.2, 0);

    @TempDir
    private Path folder;

    private static EffortGuard guard(Path folder, double limit) {
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
                3,
                folder);
    }

    private static int answersUntilRevoked(EffortGuard guard, EffortGuard.Risks each) {
        int answers = 0;
        while (!guard.isRevoked() && answers < 500) {
            guard.observe(each);
            answers++;
        }
        return answers;
    }

    private static RouteSettings effort(double effort) {
        return RouteSettings.builder().effort(effort).build();
    }

    /// The file of a guard.
    private static Path file(Path folder, String beginning) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> path.toString().contains(beginning))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void answersThatLoseAsMuchAsIsAllowedInBothWaysSeldomRevoke() throws IOException {
        Path nowhere = Files.createFile(folder.resolve("file")).resolve("in-a-file");
        Random random = new Random(SEED);
        int revoked = 0;
        for (int run = 0; run < RUNS; run++) {
            EffortGuard guard = guard(nowhere, 0.1);
            for (int answer = 0; answer < 400 && !guard.isRevoked(); answer++) {
                guard.observe(
                        new EffortGuard.Risks(random.nextDouble() < 0.1 ? 1 : 0, random.nextDouble() < 0.1 ? 1 : 0));
            }
            revoked += guard.isRevoked() ? 1 : 0;
        }
        assertThat((double) revoked / RUNS).isLessThanOrEqualTo(MOST_WRONG);
    }

    @Test
    void moreLossOrMoreChangedTokensEachRevokeForGood() throws IOException {
        Path ofLoss = folder.resolve("loss");
        EffortGuard loss = guard(ofLoss, 0.02);
        assertThat(answersUntilRevoked(loss, new EffortGuard.Risks(0.1, 0))).isBetween(2, 20);
        assertThat(file(ofLoss, "effort-revoked-"))
                .content()
                .contains("\"revoked\":true", "\"flipped\":{\"mean\":0.0,");
        assertThatThrownBy(() -> guard(ofLoss, 0.02).requireNotRevoked())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the certificate of effort 0.6 was revoked");
        Path ofFlips = folder.resolve("flips");
        EffortGuard flips = guard(ofFlips, 0.02);
        assertThat(answersUntilRevoked(flips, new EffortGuard.Risks(-1, 0.1))).isBetween(2, 20);
        assertThat(file(ofFlips, "effort-revoked-")).content().contains("\"loss\":{\"mean\":0.0,");
    }

    @Test
    void answersThatLoseNothingKeepItAndHardlyDelayALaterRevocation() {
        EffortGuard guard = guard(folder, 0.02);
        for (int answer = 0; answer < 500; answer++) {
            guard.observe(NONE);
        }
        assertThat(guard.isRevoked()).isFalse();
        guard.requireNotRevoked();
        assertThat(answersUntilRevoked(guard, new EffortGuard.Risks(0, 0.1))).isBetween(2, 30);
    }

    @Test
    void aRestartContinuesTheEvidenceOfTheSameCertificateOnly() throws IOException {
        EffortGuard before = guard(folder, 0.02);
        before.observe(new EffortGuard.Risks(0.05, 0.04));
        before.observe(NONE);
        EffortGuard after = guard(folder, 0.02);
        assertThat(after.toJson()).isEqualTo(before.toJson());
        assertThat(after.toJson().path("answers").asLong()).isEqualTo(2);
        assertThat(guard(folder, 0.03).toJson().path("answers").asLong())
                .as("another certificate")
                .isZero();
    }

    @Test
    void aMalformedFileOfEvidenceIsRefused() throws IOException {
        guard(folder, 0.02);
        for (String content : List.of("", "[]", "{\"loss_state\":\"{}\"}")) {
            Files.writeString(file(folder, "effort-evidence-"), content);
            assertThatThrownBy(() -> guard(folder, 0.02))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("delete it to begin anew");
        }
    }

    @Test
    void itJudgesWhatIsGeneratedAtTheCertifiedEffortAndRevokesThatOnly() {
        EffortGuard guard = guard(folder, 0.02);
        List<RouteSettings> certified = List.of(
                RouteSettings.MODEL,
                effort(0.6),
                effort(0.6).toBuilder().maxDepth(3).build(),
                RouteSettings.within(1, 3));
        List<RouteSettings> others = List.of(
                effort(0.5),
                effort(0.7),
                effort(1),
                RouteSettings.within(1, 2),
                effort(0.6).toBuilder().maxDepth(2).build(),
                effort(0.6).toBuilder().minDepth(2).build(),
                RouteSettings.builder().forced(new PositionDepths(Map.of(0, 1))).build());
        assertThat(certified)
                .allMatch(guard::judges)
                .allMatch(asked -> guard.guarded(asked).equals(asked));
        assertThat(others).noneMatch(guard::judges);
        answersUntilRevoked(guard, new EffortGuard.Risks(1, 1));
        assertThat(certified)
                .allMatch(asked -> guard.guarded(asked)
                        .equals(effort(1).toBuilder().maxDepth(2).build()));
        assertThat(others).allMatch(asked -> guard.guarded(asked).equals(asked));
    }
}
