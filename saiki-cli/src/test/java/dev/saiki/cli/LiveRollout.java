package dev.saiki.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A rollout between two servers, each in a process of its own, with a gateway in a third one. A restarted
/// process keeps its port.
final class LiveRollout implements AutoCloseable {

    private final Path folder;
    private final Path model;
    private final String plan;
    private final String database;
    private ServeProcess baseline;
    private ServeProcess candidate;
    private int port;
    private volatile GatewayProcess gateway;

    private LiveRollout(Path folder, Path model, String plan, String database) throws IOException {
        this.folder = folder;
        this.model = model;
        this.plan = plan;
        this.database = database;
        this.baseline = ServeProcess.start(model);
        this.candidate = ServeProcess.start(model);
        this.gateway = GatewayProcess.start(writePlan());
        this.port = gateway.port();
    }

    /// Starts all processes.
    ///
    /// @param folder the folder for the plan
    /// @param model the model of both servers
    /// @param plan the plan, with placeholders for the database, the gateway's port and the addresses of both
    ///     servers
    /// @param database the database, as the plan names it
    static LiveRollout start(Path folder, Path model, String plan, String database) throws IOException {
        return new LiveRollout(folder, model, plan, database);
    }

    private Path writePlan() throws IOException {
        return Files.writeString(
                folder.resolve("plan.yaml"), plan.formatted(database, port, baseline.base(), candidate.base()));
    }

    GatewayProcess gateway() {
        return gateway;
    }

    void startGateway() throws IOException {
        gateway = GatewayProcess.start(writePlan());
    }

    void restartBaseline() throws IOException, InterruptedException {
        baseline.kill();
        baseline = ServeProcess.startAt(baseline.port(), model);
    }

    void restartCandidate() throws IOException, InterruptedException {
        candidate.kill();
        candidate = ServeProcess.startAt(candidate.port(), model);
    }

    @Override
    public void close() throws IOException {
        gateway.close();
        baseline.close();
        candidate.close();
    }
}
