package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Clients of a gateway that start a conversation with each request, and the counts of clients, gateway and
/// servers.
final class FaultClients implements AutoCloseable {

    /// The number of concurrent clients.
    static final int CLIENTS = 4;

    private static final int PAUSE_MILLIS = 200;
    private static final int LOOKS = 1200;

    private final GatewayProcess gateway;
    private final Counter baseline;
    private final Counter candidate;
    private final long baselineBefore;
    private final long candidateBefore;
    private final List<GatewayProcess.Answer> answers = new CopyOnWriteArrayList<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean stopped;

    /// A server that counts its answers.
    interface Counter {
        long answered() throws IOException, InterruptedException;
    }

    private FaultClients(GatewayProcess gateway, Counter baseline, Counter candidate)
            throws IOException, InterruptedException {
        this.gateway = gateway;
        this.baseline = baseline;
        this.candidate = candidate;
        this.baselineBefore = baseline.answered();
        this.candidateBefore = candidate.answered();
    }

    static FaultClients start(GatewayProcess gateway, Counter baseline, Counter candidate)
            throws IOException, InterruptedException {
        FaultClients clients = new FaultClients(gateway, baseline, candidate);
        for (int client = 0; client < CLIENTS; client++) {
            int seed = client;
            clients.threads.execute(() -> clients.askOn(new Random(seed)));
        }
        return clients;
    }

    private void askOn(Random random) {
        try {
            while (!stopped) {
                int number = sent.incrementAndGet();
                answers.add(gateway.ask("c-" + number, prompt(random), number % 2 == 0));
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String prompt(Random random) {
        return word(random) + " " + word(random) + " " + word(random);
    }

    private static String word(Random random) {
        return FaultyModels.ENGLISH.get(random.nextInt(FaultyModels.ENGLISH.size()));
    }

    /// All answers so far.
    List<GatewayProcess.Answer> answers() {
        return answers;
    }

    void awaitAnswers(int count) throws InterruptedException {
        for (int look = 0; answers.size() < count; look++) {
            assertThat(look).as("looks at answers").isLessThan(LOOKS);
            Thread.sleep(20);
        }
    }

    /// Waits for a state of the rollout.
    ///
    /// @param most the number of requests within which the state must be reached
    void awaitState(String state, int most) throws IOException, InterruptedException {
        while (!gateway.state().equals(state)) {
            assertThat(answers.size())
                    .as("requests until %s: %s", state, gateway.get("/rollout"))
                    .isLessThan(most);
            Thread.sleep(20);
        }
    }

    /// Sends no more requests, and waits for the answers under way.
    void stop() {
        stopped = true;
        threads.close();
        assertThat(answers).hasSize(sent.get());
    }

    /// Checks that the baseline has answered exactly the requests that clients got from it and those mirrored
    /// to it, each once.
    void checkBaseline() throws IOException, InterruptedException {
        check("baseline", baseline, baselineBefore);
    }

    /// Checks that the candidate has answered exactly the requests that clients got from it and those mirrored
    /// to it, each once.
    void checkCandidate() throws IOException, InterruptedException {
        check("candidate", candidate, candidateBefore);
    }

    private void check(String side, Counter server, long before) throws IOException, InterruptedException {
        long ofClients = answers.stream().filter(one -> one.side().equals(side)).count();
        // Mirrored requests may still be under way.
        for (int look = 0; server.answered() - before != ofClients + mirrored(side) && look < LOOKS; look++) {
            Thread.sleep(20);
        }
        assertThat(server.answered() - before)
                .as("answers of the %s, %d of which clients got", side, ofClients)
                .isEqualTo(ofClients + mirrored(side));
    }

    /// The number of mirrored requests that a side answered. A complete answer without text is a failure to the
    /// gateway, but an answer to the server.
    private long mirrored(String side) throws IOException, InterruptedException {
        long answered = 0;
        for (String outcome : List.of("answered", "empty")) {
            answered += gateway.count("saiki_gateway_mirrored_total{outcome=\"" + outcome + "\",side=\"" + side + "\"");
        }
        return answered;
    }

    @Override
    public void close() {
        stopped = true;
        threads.close();
    }
}
