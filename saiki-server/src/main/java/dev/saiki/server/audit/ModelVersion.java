package dev.saiki.server.audit;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.List;

/// The identity of a model by content: models of equal versions generate equal text.
///
/// @param name the name of the model in requests
/// @param version SHA-256 of the model's structure and all its tensors
/// @param router SHA-256 of the model's routing and its routers' tensors; `none` without a router
public record ModelVersion(String name, String version, String router) {

    /// The router version of a model without a router.
    public static final String NO_ROUTER = "none";

    private static final String ROUTER_PREFIX = "model.router";
    private static final String AUXILIARY_PREFIX = "model.auxiliary_router";

    /// Hashes the content of a checkpoint.
    ///
    /// @param name the name of the model in requests
    /// @param checkpoint the model
    /// @return the model's version
    public static ModelVersion of(String name, CheckpointDirectory checkpoint) {
        List<StoredTensor> routers = checkpoint.tensors().values().stream()
                .filter(tensor ->
                        tensor.name().startsWith(ROUTER_PREFIX) || tensor.name().startsWith(AUXILIARY_PREFIX))
                .toList();
        return new ModelVersion(
                name,
                ContentHash.of(checkpoint),
                routers.isEmpty()
                        ? NO_ROUTER
                        : ContentHash.of(checkpoint.config().routing().toString(), routers));
    }
}
