package dev.saiki.server.deployment;

import dev.saiki.engine.Engine;
import dev.saiki.http.ApiException;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.Optional;

/// The models of a server by name. A request that names no model gets the first one.
public final class ServedModels implements AutoCloseable {

    private final List<ServedModel> models;

    /// Creates the collection of models.
    ///
    /// @param models at least one, with distinct names; the first is the default
    public ServedModels(List<ServedModel> models) {
        this.models = List.copyOf(models);
    }

    /// The default model.
    public ServedModel first() {
        return models.getFirst();
    }

    /// All models, the default one first.
    public List<ServedModel> all() {
        return models;
    }

    /// The names of the models, the default model's first.
    public List<String> names() {
        return models.stream().map(ServedModel::name).toList();
    }

    /// The names of the models that can be reloaded: all but adapters.
    public List<String> loadableNames() {
        return models.stream()
                .filter(ModelRegistry.class::isInstance)
                .map(ServedModel::name)
                .toList();
    }

    /// The engines that currently serve requests; adapters share their models' engines.
    public List<Engine> engines() {
        return models.stream()
                .filter(ModelRegistry.class::isInstance)
                .map(model -> model.current().engine())
                .toList();
    }

    private Optional<ServedModel> find(String name) {
        return models.stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /// Finds the model that a request names.
    ///
    /// @throws ApiException with status 404 if there is no model of this name
    public ServedModel named(String name) {
        return find(name).orElseThrow(() -> ApiException.unknownModel(name, names()));
    }

    /// Finds the model that an operator names.
    ///
    /// @param name the name of the model; may be omitted if there is only one model
    /// @throws InputException if the name is omitted and there are several models, or no model has this name
    public ServedModel loadable(Optional<String> name) {
        List<String> loadable = loadableNames();
        if (name.isEmpty() && loadable.size() > 1) {
            throw new InputException("name is required: one of " + String.join(", ", loadable));
        }
        return name.isEmpty()
                ? first()
                : find(name.get())
                        .orElseThrow(() -> new InputException(
                                "name must be one of " + String.join(", ", names()) + ", got " + name.get()));
    }

    /// Closes the reloaded models and stops all monitors.
    @Override
    public void close() {
        models.forEach(model -> model.monitors().close());
        models.forEach(ServedModel::close);
    }
}
