package dev.saiki.rollout.plan;

import dev.saiki.http.ApiException;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A route that the gateway forwards to a model: a method, and a path or the beginning of a path.
///
/// Requests carry the company's key, so that every other route of the model's API, such as one that deletes files,
/// is refused.
///
/// @param method the method in upper case
/// @param path the path, or the beginning of all matching paths if `isPrefix`
/// @param isPrefix whether longer paths match too
public record ForwardedRoute(String method, String path, boolean isPrefix) {

    private static final Pattern ROUTE =
            Pattern.compile("(GET|HEAD|POST|PUT|PATCH|DELETE) (/v1(?:/[\\w-][\\w.:-]*)*/?)(\\*?)");

    /// The routes of every plan: generation, embeddings, token counts, and reading models and stored answers.
    public static final List<ForwardedRoute> DEFAULTS = Stream.of(
                    "POST /v1/chat/completions",
                    "POST /v1/completions",
                    "POST /v1/responses",
                    "POST /v1/embeddings",
                    "POST /v1/messages",
                    "POST /v1/messages/count_tokens",
                    "GET /v1/models/*",
                    "GET /v1/responses/*")
            .map(ForwardedRoute::parse)
            .toList();

    /// Parses a route of a plan.
    ///
    /// @param text a method and a path below `/v1/`, such as `GET /v1/files/*`
    /// @return the route
    /// @throws InputException if the text is no route
    static ForwardedRoute parse(String text) {
        Matcher route = ROUTE.matcher(text);
        if (!route.matches()) {
            throw InputException.of(
                    "access", "routes", "methods and paths such as POST /v1/moderations or GET /v1/files/*", text);
        }
        return new ForwardedRoute(
                route.group(1), route.group(2), !route.group(3).isEmpty());
    }

    /// Refuses a request that no route allows.
    ///
    /// @param routes the allowed routes
    /// @param method the request's method
    /// @param path the request's path in its normal form
    /// @throws ApiException with status 404, or 405 if another method is allowed there
    public static void require(List<ForwardedRoute> routes, String method, String path) {
        List<ForwardedRoute> there =
                routes.stream().filter(route -> route.isAt(path)).toList();
        if (there.stream().anyMatch(route -> route.method.equals(method))) {
            return;
        }
        String message = "the gateway does not forward " + method + " " + path
                + "; to allow this, an operator adds it to access.routes in the plan";
        throw there.isEmpty() ? ApiException.notFound(message) : ApiException.wrongMethod(message);
    }

    private boolean isAt(String asked) {
        return isPrefix ? asked.startsWith(path) : asked.equals(path);
    }
}
