package dev.saiki.server.generation;

import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Request;

/// A reader of a protocol's requests.
@FunctionalInterface
public interface CallReader {

    /// Reads a request.
    ///
    /// @param request the request, with the model that is to answer
    /// @param body the request's JSON
    /// @return the call
    /// @throws dev.saiki.http.ApiException if the request is invalid or unsupported
    Reading read(Request request, RequestBody body);

    /// A parsed request.
    ///
    /// @param call the generation call
    /// @param renderer the renderer of the call's answers
    record Reading(GenerationCall call, AnswerRenderer renderer) {}
}
