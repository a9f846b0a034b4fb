package dev.saiki.server.deployment;

import dev.saiki.engine.Engine;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.io.storage.StorageLocation;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The model served under a name, and its predecessor for rollback.
///
/// A checkpoint is opened beside the served one and tested with a text; new requests use it only if all its
/// outputs are finite. The predecessor of the served checkpoint stays open until the next reload, so that a
/// rollback takes no time. Memory must therefore hold two models, and three while another checkpoint is being
/// opened.
///
/// Requests and monitors read the current deployment without a lock.
public final class ModelRegistry implements ServedModel {

    private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);

    /// The number of tokens of the text that tests a new model.
    private static final int TRIED_TOKENS = 64;

    /// The allowed names of sibling checkpoints in object storage.
    private static final Pattern ONE_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

    private final Optional<Path> first;
    private final Factory factory;
    private final Consumer<Engine> requirement;
    private final ModelMonitors monitors;
    private final ReentrantLock loading = new ReentrantLock();

    /// The served deployment. This object's monitor guards changes of deployments; reads of this field need no lock.
    private volatile ModelDeployment current;
    private @Nullable ModelDeployment previous;
    private final List<AdaptedModel> adapters = new ArrayList<>();
    private long numLoaded = 1;

    /// A factory of a model's deployments.
    @FunctionalInterface
    public interface Factory {

        /// Creates a deployment.
        ///
        /// @param engine the model
        /// @param number the number of the deployment
        /// @param folder name of the checkpoint's folder
        ModelDeployment deploy(Engine engine, long number, String folder);
    }

    /// Serves a first model.
    ///
    /// @param monitors the monitors, which are switched to every new deployment
    /// @param engine the model
    /// @param folder the folder of the opened checkpoint, if other checkpoints may be opened beside it
    /// @param requirement the check that throws an {@link InputException} for a checkpoint that must not be
    ///     served
    /// @param factory the factory of deployments
    public ModelRegistry(
            ModelMonitors monitors,
            Engine engine,
            Optional<Path> folder,
            Consumer<Engine> requirement,
            Factory factory) {
        this.monitors = monitors;
        this.requirement = requirement;
        this.first = folder;
        this.factory = factory;
        this.current = factory.deploy(
                engine, numLoaded, folder.map(ModelRegistry::nameOf).orElse(""));
    }

    /// Adds an adapter that is reloaded and rolled back with the model.
    void add(AdaptedModel adapter) {
        adapters.add(adapter);
    }

    @Override
    public ModelMonitors monitors() {
        return monitors;
    }

    @Override
    public ModelDeployment current() {
        return current;
    }

    /// Opens another checkpoint and serves it.
    ///
    /// @param name the name of a folder beside the one that was opened first; empty to load that folder again
    /// @return the deployment that is now served
    /// @throws InputException if the checkpoint cannot be served, or another one is being opened; the old one then
    ///     stays in use
    @Override
    public ModelDeployment load(Optional<String> name) {
        if (!loading.tryLock()) {
            throw new InputException("another checkpoint is being loaded; try again when that is done");
        }
        try {
            Path folder = folder(name);
            Engine engine = Engine.open(folder, current().engine().options());
            try {
                requirement.accept(engine);
                requireFinite(folder, engine);
                return serve(engine, nameOf(folder));
            } catch (RuntimeException | Error e) {
                engine.close();
                throw e;
            }
        } finally {
            loading.unlock();
        }
    }

    private static String nameOf(Path folder) {
        @Nullable Path name = folder.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }

    private Path folder(Optional<String> name) {
        Path known = first.orElseThrow(() -> new InputException("this server has no folder to load checkpoints from"));
        if (name.isEmpty()) {
            return known;
        }
        if (StorageLocation.in(known).isPresent()
                && ONE_NAME.matcher(name.get()).matches()) {
            return known.resolveSibling(name.get());
        }
        try {
            Path parent = known.toAbsolutePath().normalize().getParent();
            if (parent == null) {
                throw new InputException("model must be omitted: the served folder has no parent folder");
            }
            Path root = parent.toRealPath();
            Path real = root.resolve(name.get()).toRealPath();
            if (!real.startsWith(root) || real.equals(root)) {
                throw new InputException(
                        "model must be the name of a folder beside the one that the server opened at its start");
            }
            return real;
        } catch (IOException | InvalidPathException e) {
            throw new InputException(
                    "model must be the name of a folder beside the one that the server opened at its start", e);
        }
    }

    /// Runs the model on a text: even a checkpoint with all its tensors may compute NaN or infinity.
    private static void requireFinite(Path folder, Engine engine) {
        int vocabulary = engine.config().vocabSize();
        int length = Math.min(TRIED_TOKENS, engine.config().maxPositionEmbeddings());
        int[] ids = IntStream.range(0, length).map(i -> i * 31 % vocabulary).toArray();
        try {
            engine.score(ids, RouteSettings.MODEL).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof NonFiniteException) {
                throw notFinite(folder);
            }
            throw e;
        }
        if (engine.statistics().router().counts().scoresNotFinite() > 0) {
            throw notFinite(folder);
        }
    }

    private static InputException notFinite(Path folder) {
        return new InputException(folder + ": the model computes infinite or undefined numbers");
    }

    private synchronized ModelDeployment serve(Engine engine, String folder) {
        ModelDeployment next = factory.deploy(engine, numLoaded + 1, folder);
        // Prepares the adapters before anything changes, because an adapter may not fit the new checkpoint.
        List<ModelDeployment> adapted =
                adapters.stream().map(adapter -> adapter.prepare(next)).toList();
        numLoaded++;
        attach(engine);
        @Nullable ModelDeployment oldest = previous;
        previous = current;
        current = next;
        for (int i = 0; i < adapters.size(); i++) {
            adapters.get(i).take(adapted.get(i));
        }
        if (oldest != null) {
            oldest.retire();
        }
        LOG.info(
                "deployment {} of model {} is served, from {}; deployment {} is kept for a rollback",
                next.number(),
                name(),
                next.folder(),
                previous.number());
        return next;
    }

    private void attach(Engine engine) {
        monitors.metrics().attach(engine);
        monitors.watch().attach(engine);
    }

    /// Serves the previous checkpoint again, and keeps the current one for another rollback.
    ///
    /// @return the deployment that is now served
    /// @throws InputException if there is no previous checkpoint
    @Override
    public synchronized ModelDeployment rollBack() {
        @Nullable ModelDeployment before = previous;
        if (before == null) {
            throw new InputException("no previous model to roll back to");
        }
        attach(before.engine());
        previous = current;
        current = before;
        adapters.forEach(AdaptedModel::takeBack);
        LOG.warn(
                "deployment {} of model {} is served again; deployment {} is kept for a rollback",
                before.number(),
                name(),
                previous.number());
        return before;
    }

    /// Closes the models that were loaded by a reload.
    @Override
    public synchronized void close() {
        retireOwn(current);
        if (previous != null) {
            retireOwn(previous);
        }
    }

    /// Retires a deployment, unless it is the first one, whose engine belongs to the caller.
    private static void retireOwn(ModelDeployment deployment) {
        if (deployment.number() > 1) {
            deployment.retire();
        }
    }
}
