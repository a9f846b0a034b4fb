package dev.saiki.server.deployment;

import dev.saiki.chat.ChatPrompts;
import dev.saiki.checkpoint.OnePassStatus;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.audit.ModelVersion;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A served checkpoint under the name that requests use. A request uses the same deployment until it ends, even if
/// another checkpoint is loaded meanwhile.
public final class ModelDeployment {

    private static final Logger LOG = LoggerFactory.getLogger(ModelDeployment.class);

    private final long number;
    private final String folder;
    private final ModelMonitors monitors;
    private final Engine engine;
    private final LoadShedder shedder;
    private final ChatPrompts chats;
    private final Supplier<ModelVersion> version;
    private final Optional<ModelDeployment> host;
    private final Optional<EffortGuard> guard;
    private final FutureTask<Optional<OnePassStatus>> onePass;
    private final Instant since = Instant.now();
    private int inside;
    private boolean retired;

    /// Creates a deployment without requests.
    ///
    /// @param number the deployment's number, which increases by 1 with every loaded checkpoint
    /// @param folder name of the checkpoint's folder
    /// @param monitors the model's name, as in `"model": "…"`, and its monitors
    /// @param shedder the load shedder, which lowers the depth of the engine's requests under load
    /// @param chats the builder of prompts from conversations
    /// @param version the model's version in records, computed when first needed
    /// @param guard the guard of the model's effort, if the model is served as certified
    /// @param host the deployment of the model, if this is the deployment of an adapter; it stays open while the
    ///     adapter's deployment has requests in flight
    public ModelDeployment(
            long number,
            String folder,
            ModelMonitors monitors,
            LoadShedder shedder,
            ChatPrompts chats,
            Supplier<ModelVersion> version,
            Optional<EffortGuard> guard,
            Optional<ModelDeployment> host) {
        this.host = host;
        this.guard = guard;
        this.number = number;
        this.folder = folder;
        this.monitors = monitors;
        this.engine = shedder.engine();
        this.shedder = shedder;
        this.chats = chats;
        this.version = version;
        // Empty with an adapter, because an adapter changes every pass.
        this.onePass =
                new FutureTask<>(() -> host.isPresent() ? Optional.empty() : OnePassStatus.of(engine.checkpoint()));
    }

    public long number() {
        return number;
    }

    public String folder() {
        return folder;
    }

    public String name() {
        return monitors.model();
    }

    public ModelMonitors monitors() {
        return monitors;
    }

    public Engine engine() {
        return engine;
    }

    public LoadShedder shedder() {
        return shedder;
    }

    public ChatPrompts chats() {
        return chats;
    }

    public Supplier<ModelVersion> version() {
        return version;
    }

    /// The guard of the model's effort, if the model is served as certified.
    public Optional<EffortGuard> guard() {
        return guard;
    }

    /// The manifest's statement about the one-pass mode of a deepened model, checked against the model's tensors,
    /// which are read at the first call. Empty for a model that is not deepened, for an adapter, and if the
    /// tensors cannot be read.
    public Optional<OnePassStatus> onePass() {
        onePass.run();
        try {
            return onePass.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            LOG.error("the one-pass certificate cannot be checked, because the tensors cannot be read", e.getCause());
            return Optional.empty();
        }
    }

    /// The deployment of the adapter's model, if this is the deployment of an adapter.
    public Optional<ModelDeployment> host() {
        return host;
    }

    /// The time at which the server opened the checkpoint.
    public Instant since() {
        return since;
    }

    /// Determines the depth settings of a request. If the certificate was revoked, a request at the certified effort
    /// takes the reference depth. Under load, the shedder lowers the result.
    ///
    /// @param asked the depth settings of the request
    /// @param scores whether the request measures the model
    public LoadShedder.Shed shed(RouteSettings asked, boolean scores) {
        RouteSettings usual = guard.map(own -> own.guarded(asked)).orElse(asked);
        return scores || !shedder.isLeftToServer(asked) ? new LoadShedder.Shed(usual, 0) : shedder.shed(usual);
    }

    /// Admits a request, unless the deployment has been retired.
    ///
    /// @return whether the deployment accepted the request
    synchronized boolean enter() {
        if (retired || !host.map(ModelDeployment::enter).orElse(true)) {
            return false;
        }
        inside++;
        return true;
    }

    /// Removes a request that has ended.
    public synchronized void leave() {
        inside--;
        closeIfDone();
        host.ifPresent(ModelDeployment::leave);
    }

    /// Stops accepting requests; the engine is closed when the last request has ended.
    synchronized void retire() {
        retired = true;
        closeIfDone();
    }

    private void closeIfDone() {
        if (retired && inside == 0) {
            // Closes on another thread, because closing waits for the engine's thread.
            Thread.ofVirtual().name("saiki-retire").start(engine::close);
        }
    }
}
