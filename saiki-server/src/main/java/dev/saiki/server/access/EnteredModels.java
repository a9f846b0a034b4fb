package dev.saiki.server.access;

import dev.saiki.http.ApiException;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.deployment.ServedModels;
import java.util.ArrayList;
import java.util.List;

/// The models that one request uses: the default model, and the model that the request names. The request keeps
/// these models until its end, even if other checkpoints are loaded meanwhile. Used by one thread.
final class EnteredModels implements AutoCloseable {

    private final ServedModels models;
    private final List<ModelDeployment> entered = new ArrayList<>();

    EnteredModels(ServedModels models) {
        this.models = models;
    }

    /// Admits the request to the default model.
    ModelDeployment first() {
        return enter(models.first());
    }

    /// Admits the request to a named model, unless the request uses that model already.
    ///
    /// @throws ApiException with status 404 if there is no model of this name
    ModelDeployment named(String name) {
        return entered.stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseGet(() -> enter(models.named(name)));
    }

    private ModelDeployment enter(ServedModel model) {
        ModelDeployment now = model.enter();
        entered.add(now);
        return now;
    }

    /// Leaves all models when the request ends.
    @Override
    public void close() {
        entered.forEach(ModelDeployment::leave);
    }
}
