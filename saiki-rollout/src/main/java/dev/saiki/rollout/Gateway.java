package dev.saiki.rollout;

import dev.saiki.http.server.ExchangeServer;
import dev.saiki.io.InputException;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.proxy.GatewayMetrics;
import dev.saiki.rollout.proxy.LevelMonitor;
import dev.saiki.rollout.proxy.ModelMonitor;
import dev.saiki.rollout.proxy.Proxy;
import dev.saiki.rollout.proxy.TrafficSplitter;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;

/// A gateway in front of two models: the baseline, and the candidate that may replace it.
///
/// Each request runs on a virtual thread, which forwards it to the assigned side and streams the answer back.
public final class Gateway implements AutoCloseable {

    private final ExchangeServer http;
    private final GatewayHandler handler;
    private final Proxy proxy;
    private final GatewayMetrics metrics;
    private final Rollout rollout;
    private final ModelMonitor monitor;
    private final LevelMonitor levels;

    private Gateway(GatewayPlan plan) {
        this.rollout = Rollout.open(plan, Clock.systemUTC());
        this.metrics = new GatewayMetrics(plan, rollout);
        TrafficSplitter splitter = new TrafficSplitter(plan, rollout);
        this.proxy = new Proxy(plan, rollout, splitter, metrics);
        this.handler = new GatewayHandler(
                plan,
                proxy,
                new RolloutEndpoints(plan, rollout, splitter, metrics, proxy::isEjected),
                new OperationEndpoints(plan, rollout, metrics));
        try {
            this.http = ExchangeServer.start(plan.access().listen(), handler::handle);
        } catch (RuntimeException e) {
            closeWork();
            throw e;
        }
        this.levels = LevelMonitor.start(plan, rollout);
        this.monitor = ModelMonitor.start(plan, rollout);
    }

    /// Starts listening. The rollout resumes at its stored position, or begins at its first stage.
    ///
    /// @param plan the plan of the rollout
    /// @return the gateway, to be closed
    /// @throws InputException if the database cannot be used or the address cannot be bound
    public static Gateway start(GatewayPlan plan) {
        return new Gateway(plan);
    }

    /// Returns the listening port.
    ///
    /// @return the port
    public int port() {
        return http.port();
    }

    /// Returns the operations that the gateway itself answers, without a model.
    ///
    /// @return the operations, each as a method and a path
    Set<String> operations() {
        return handler.operations();
    }

    /// Returns the rollout's state.
    ///
    /// @return the state, in one word
    public String state() {
        return rollout.position().state().word();
    }

    /// Makes readiness checks fail, because the gateway will end soon. It still accepts requests.
    public void announceEnd() {
        handler.announceEnd();
    }

    /// Stops accepting requests and waits for running ones.
    ///
    /// @param timeout longest time to wait
    /// @return whether all running requests finished in time
    /// @throws InterruptedException if the thread is interrupted while it waits
    public boolean drain(Duration timeout) throws InterruptedException {
        http.endConnections();
        boolean inTime = handler.drain(timeout);
        http.awaitClosed(timeout);
        return inTime;
    }

    /// Stops listening and flushes pending events to the database.
    @Override
    public void close() {
        http.close();
        monitor.close();
        levels.close();
        closeWork();
    }

    private void closeWork() {
        proxy.close();
        metrics.close();
        rollout.close();
    }
}
