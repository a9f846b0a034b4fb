package dev.saiki.server.deployment;

import dev.saiki.engine.Engine;
import dev.saiki.io.InputException;
import dev.saiki.server.http.ApiException;
import java.util.List;
import java.util.Optional;

/// The models of a server, by the names that requests call them. A request that names none gets the first one.
public final class ServedModels implements AutoCloseable {

    private final List<ModelRegistry> models;

    /// Gathers models.
    ///
    /// @param models at least one, each of another name; the first is the usual one
    public ServedModels(List<ModelRegistry> models) {
        this.models = List.copyOf(models);
    }

    /// The one that is usual.
    public ModelRegistry first() {
        return models.getFirst();
    }

    /// All of them, the usual one first.
    public List<ModelRegistry> all() {
        return models;
    }

    /// Their names, the usual one's first.
    public List<String> names() {
        return models.stream().map(ModelRegistry::name).toList();
    }

    /// The engines that new requests go to.
    public List<Engine> engines() {
        return models.stream().map(model -> model.current().engine()).toList();
    }

    private Optional<ModelRegistry> find(String name) {
        return models.stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /// Finds the model that a request names.
    ///
    /// @throws ApiException with status 404 if there is none of this name
    public ModelRegistry named(String name) {
        return find(name).orElseThrow(() -> ApiException.unknownModel(name, names()));
    }

    /// Finds the model that an operator means.
    ///
    /// @param name of it; may be left out where there is one model
    /// @throws InputException if it is left out among several, or there is none of this name
    public ModelRegistry meant(Optional<String> name) {
        if (name.isEmpty() && models.size() > 1) {
            throw new InputException("name must say which model: " + String.join(", ", names()));
        }
        return name.isEmpty()
                ? first()
                : find(name.get())
                        .orElseThrow(() -> new InputException(
                                "name must be one of " + String.join(", ", names()) + ", got " + name.get()));
    }

    /// Lets go of the models that were loaded, and looks at none any more.
    @Override
    public void close() {
        models.forEach(model -> model.monitors().close());
        models.forEach(ModelRegistry::close);
    }
}
