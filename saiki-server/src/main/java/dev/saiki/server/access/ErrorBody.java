package dev.saiki.server.access;

import dev.saiki.http.ApiException;
import tools.jackson.databind.node.ObjectNode;

/// The body of an error in the protocol of the request's path.
@FunctionalInterface
public interface ErrorBody {

    /// Writes an error.
    ///
    /// @param path the path of the request
    /// @param id the id of the request
    /// @param refusal the error
    ObjectNode of(String path, String id, ApiException refusal);
}
