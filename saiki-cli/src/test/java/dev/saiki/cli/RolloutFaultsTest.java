package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Faulty candidates in every state of a rollout: servers of trained models in processes of their own, a
/// gateway between them, and clients that count answers.
@Tag("slow")
class RolloutFaultsTest {

    private static final List<String> STATES = List.of("shadow", "canary", "certified", "full");

    private static final String ALL_GATES = """
              - {name: errors, check: errors, tolerance: 0.1}
              - {name: late, check: latency, limit: 1500ms, of: answer, tolerance: 0.3}
              - {name: words, check: regex, pattern: '^( ?(%s)){3}', tolerance: 0.1}
              - {name: same, check: normalised, tolerance: 0.3}
            """.formatted(String.join("|", FaultyModels.ENGLISH));

    private static final int WARM_UP = 60;
    private static final int HEALTHY = 6;
    private static final int MOST = 1000;

    @TempDir
    private static Path folder = Path.of("");

    private static FaultyModels models;
    private static ServeProcess baseline;

    private int cases;

    /// A fault of a candidate.
    enum Fault {
        WRONG_CHECKPOINT("words|same"),
        EFFORT_FAR_TOO_LOW("words|same"),
        POISONED_ROUTER("words|same"),
        WRONG_LANGUAGE("words|same"),
        SLOW("late|errors"),
        ERRORS("errors"),
        GONE("errors"),
        HANGS("errors");

        private final String gates;

        Fault(String gates) {
            this.gates = gates;
        }

        /// The gates of which one must be the first to reject the candidate, as a regular expression.
        String gates() {
            return gates;
        }

        /// Whether the candidate is healthy at first; the candidate's answers after the fault cannot be
        /// counted.
        boolean comesLater() {
            return this == SLOW || this == GONE || this == HANGS;
        }

        /// The server's options. The circuit breaker of a server replaces a poisoned router after some dozens of
        /// prompts, and then there is nothing to retreat from.
        String[] options() {
            return this == POISONED_ROUTER ? new String[] {"--no-breaker"} : new String[0];
        }

        /// The maximum number of the candidate's streams that may end with an error.
        int mostBrokenStreams() {
            return switch (this) {
                case GONE, HANGS -> FaultClients.CLIENTS;
                case SLOW -> MOST;
                case WRONG_CHECKPOINT, EFFORT_FAR_TOO_LOW, POISONED_ROUTER, WRONG_LANGUAGE, ERRORS -> 0;
            };
        }
    }

    @BeforeAll
    static void train() throws Exception {
        models = FaultyModels.in(folder);
        baseline = warm(ServeProcess.start(models.good()));
    }

    @AfterAll
    static void end() throws IOException {
        baseline.close();
    }

    @Test
    void betweenEqualModelsItGoesFromShadowToFullByPlan(TestReporter reporter) throws Exception {
        try (ServeProcess candidate = warm(ServeProcess.start(models.good()));
                GatewayProcess gateway = GatewayProcess.start(plan(candidate, Fault.GONE, """
                      - {state: shadow, share: 1, conversations: 10}
                      - {state: canary, share: 0.5, conversations: 10}
                      - {state: certified, share: 0.8, conversations: 10}
                      - {state: full}
                    """, ALL_GATES))) {
            try (FaultClients clients = FaultClients.start(gateway, baseline::answered, candidate::answered)) {
                clients.awaitState("full", 8000);
                clients.stop();
                assertThat(clients.answers()).allMatch(GatewayProcess.Answer::isWhole);
                clients.checkBaseline();
                clients.checkCandidate();
                new RolloutFigures(reporter)
                        .add("equal models", "full after " + clients.answers().size() + " requests");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aWorseCandidateIsLeftInEachState(Fault fault, TestReporter reporter) throws Exception {
        for (String state : STATES) {
            retreats(fault, state, ALL_GATES, fault.gates(), reporter);
        }
    }

    /// A gate's name states the fault for which it was written; here it meets another fault.
    @ParameterizedTest
    @CsvSource({
        "errors, HANGS",
        "late, ERRORS",
        "words, WRONG_LANGUAGE",
        "same, EFFORT_FAR_TOO_LOW",
        "same, POISONED_ROUTER",
        "same, GONE"
    })
    void eachGateAloneFiresOnWhatItWasNotWrittenFor(String gate, Fault fault, TestReporter reporter) throws Exception {
        String only = ALL_GATES
                .lines()
                .filter(line -> line.contains("name: " + gate + ","))
                .findFirst()
                .orElseThrow();
        retreats(fault, "canary", only + "\n", gate, reporter);
    }

    private void retreats(Fault fault, String state, String gates, String known, TestReporter reporter)
            throws Exception {
        String share = state.equals("full") ? "" : ", share: " + (state.equals("shadow") ? "1" : "0.5");
        String stage = "  - {state: " + state + share + ", conversations: 100000}\n";
        try (ServeProcess candidate = warm(ServeProcess.start(models.of(fault), fault.options()));
                GatewayProcess gateway = GatewayProcess.start(plan(candidate, fault, stage, gates));
                FaultClients clients = FaultClients.start(gateway, baseline::answered, candidate::answered)) {
            if (fault.comesLater()) {
                clients.awaitAnswers(HEALTHY);
            }
            int before = clients.answers().size();
            long since = System.nanoTime();
            try (TestProcess _ = strike(fault, candidate)) {
                clients.awaitState("aborted", before + MOST);
                int needed = clients.answers().size() - before;
                Duration took = Duration.ofNanos(System.nanoTime() - since);
                String reason = gateway.lastDecision().path("reason").stringValue("");
                new RolloutFigures(reporter)
                        .add(fault + " in " + state, took.toMillis() + " ms, " + needed + " requests, " + reason);
                assertThat(reason).matches("gate (" + known + ")(, slice .*)?: .*");
                assertThat(gateway.lastDecision().path("evidence").values())
                        .as("the plan's gates, and that by clients that leave, over all conversations")
                        .filteredOn(one -> one.path("slice").stringValue("").isEmpty())
                        .hasSize((int) gates.lines().count() + 1);
                clients.awaitAnswers(clients.answers().size() + HEALTHY);
                clients.stop();
                assertThat(clients.answers().getLast().side()).isEqualTo("baseline");
            }
            List<GatewayProcess.Answer> broken = clients.answers().stream()
                    .filter(answer -> !answer.isWhole())
                    .toList();
            new RolloutFigures(reporter).add(fault + " in " + state + ", streams that broke off", "" + broken.size());
            // If the candidate is killed or stopped, no other model can continue a stream that it began: the
            // stream ends with one error. If the candidate is gone for good, each client sees this at most
            // once.
            assertThat(broken).allMatch(answer -> answer.side().equals("candidate") && answer.isClearError());
            assertThat(broken).hasSizeLessThanOrEqualTo(fault.mostBrokenStreams());
            clients.checkBaseline();
            if (!fault.comesLater()) {
                clients.checkCandidate();
            }
        }
    }

    /// Makes the JVM compile the code that a request runs, which is slow at first on a busy machine.
    private static ServeProcess warm(ServeProcess server) throws IOException, InterruptedException {
        for (int request = 0; request < WARM_UP; request++) {
            GatewayProcess.ask(
                    URI.create(server.base() + "/completions"), "small", "warm", "the sea", request % 2 == 0);
        }
        return server;
    }

    /// Causes a fault that comes later.
    ///
    /// @return the process that keeps causing the fault, to be ended
    private static TestProcess strike(Fault fault, ServeProcess candidate) throws IOException, InterruptedException {
        long pid = candidate.pid();
        if (fault == Fault.GONE) {
            candidate.kill();
        }
        String command = switch (fault) {
            case SLOW -> "while kill -STOP %1$d; do sleep 2; kill -CONT %1$d; sleep 0.15; done".formatted(pid);
            case HANGS -> "kill -STOP " + pid;
            default -> "true";
        };
        return TestProcess.start(List.of("sh", "-c", command));
    }

    private Path plan(ServeProcess candidate, Fault fault, String stages, String gates) throws IOException {
        Path own = Files.createDirectories(folder.resolve("case-" + cases++ + "-" + System.nanoTime()));
        double effort = fault == Fault.EFFORT_FAR_TOO_LOW ? 0.2 : 1;
        return Files.writeString(own.resolve("plan.yaml"), """
                model: assistant
                database: gateway.db
                listen: {port: 0}
                baseline: {url: "%s", model: small, answer: 8s}
                candidate:
                  url: "%s"
                  model: %s
                  reference: {effort: %s}
                  certified: {effort: %s}
                  first_byte: 4s
                  answer: 8s
                stages:
                %spromotion: automatic
                gates:
                %sevidence: {time: 20s}
                """.formatted(
                        baseline.base(),
                        candidate.base(),
                        fault == Fault.ERRORS ? "mistaken" : "small",
                        effort,
                        effort,
                        stages,
                        gates));
    }
}
