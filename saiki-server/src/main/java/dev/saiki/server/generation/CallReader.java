package dev.saiki.server.generation;

import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Request;

/// A reader of a protocol's requests.
@FunctionalInterface
public interface CallReader {

    /// Reads a request.
    ///
    /// @param request with the model that answers it
    /// @param body its JSON
    /// @return the call
    /// @throws dev.saiki.http.ApiException if it is invalid or unsupported
    Reading read(Request request, RequestBody body);

    /// A parsed request.
    ///
    /// @param call the generation call
    /// @param renderer of its answers
    record Reading(GenerationCall call, AnswerRenderer renderer) {}
}
