package dev.saiki.server.deployment;

import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.io.InputException;
import dev.saiki.server.settings.AdapterChoice;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A model with an adapter, which the model's engine serves under a separate name. The adapter is reloaded
/// and rolled back together with the model.
public final class AdaptedModel implements ServedModel {

    private final String base;
    private final AdapterChoice choice;
    private final ModelMonitors monitors;
    private final Factory factory;
    private volatile ModelDeployment current;
    private @Nullable ModelDeployment previous;

    /// A factory of an adapter's deployments.
    @FunctionalInterface
    public interface Factory {

        /// Creates a deployment.
        ///
        /// @param engine the engine of the model with the adapter
        /// @param host the model's deployment
        ModelDeployment deploy(Engine engine, ModelDeployment host);
    }

    /// Serves the adapter with the model's current checkpoint.
    ///
    /// @param base the model
    /// @param choice the adapter
    /// @param monitors the adapter's monitors, with its name in requests
    /// @param factory the factory of deployments
    /// @throws InputException if the folder does not contain an adapter of the model
    public AdaptedModel(ModelRegistry base, AdapterChoice choice, ModelMonitors monitors, Factory factory) {
        this.base = base.name();
        this.choice = choice;
        this.monitors = monitors;
        this.factory = factory;
        this.current = prepare(base.current());
        base.add(this);
    }

    /// Prepares a deployment of the adapter with another checkpoint of the model.
    ///
    /// @throws InputException if the folder does not contain an adapter of that checkpoint
    ModelDeployment prepare(ModelDeployment host) {
        return factory.deploy(host.engine().withAdapter(AdapterDirectory.open(choice.folder())), host);
    }

    /// Serves a prepared deployment.
    void take(ModelDeployment next) {
        previous = current;
        current = next;
    }

    /// Serves the adapter's previous deployment again, when the model is rolled back.
    void takeBack() {
        if (previous != null) {
            take(previous);
        }
    }

    @Override
    public ModelMonitors monitors() {
        return monitors;
    }

    @Override
    public ModelDeployment current() {
        return current;
    }

    @Override
    public ModelDeployment load(Optional<String> folder) {
        throw withBase();
    }

    @Override
    public ModelDeployment rollBack() {
        throw withBase();
    }

    private InputException withBase() {
        return new InputException("name must be a model, got the adapter " + name() + "; reload or roll back its model "
                + base + " instead");
    }

    /// Does nothing, because the adapter's engine belongs to the model.
    @Override
    public void close() {}
}
