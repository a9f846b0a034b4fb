package dev.saiki.http.origin;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.RequestBody;
import java.util.Optional;
import java.util.regex.Pattern;

/// The CORS headers of responses, and the responses to preflight requests, for allowed origins.
///
/// Before a page's request, a browser may send a preflight request, which does not contain the API key. Error
/// responses have the CORS headers too, so that a page can show the error.
public record CrossOrigin(AllowedOrigins allowed) {

    private static final String ORIGIN = "Origin";
    private static final String ASKED_METHOD = "Access-Control-Request-Method";
    private static final String ASKED_HEADERS = "Access-Control-Request-Headers";
    private static final String DEFAULT_HEADERS = "Authorization, Content-Type";
    private static final Pattern HEADER_NAMES = Pattern.compile("[A-Za-z0-9-]{1,64}( *, *[A-Za-z0-9-]{1,64}){0,64}");

    /// How long a browser may cache a preflight response, in seconds.
    private static final String ANSWER_HOLDS = "600";

    /// Sets the headers that allow a page of another site to read the response, and answers a preflight request.
    ///
    /// @param exchange a request
    /// @return whether the request was a preflight request, which has now been answered
    /// @throws ApiException with status 403 for a preflight of a page whose origin is not allowed
    public boolean answersPreflight(Exchange exchange) {
        Optional<String> origin = exchange.header(ORIGIN);
        boolean isAllowed = origin.filter(allowed::allows).isPresent();
        if (isAllowed) {
            exchange.setHeader("Access-Control-Allow-Origin", origin.get());
            exchange.setHeader("Access-Control-Expose-Headers", "*");
            exchange.setHeader("Vary", ORIGIN);
        }
        boolean asksWhetherItMay = origin.isPresent()
                && exchange.method().equals("OPTIONS")
                && exchange.header(ASKED_METHOD).isPresent();
        if (!asksWhetherItMay) {
            return false;
        }
        if (!isAllowed) {
            throw ApiException.foreignPage("web pages of " + RequestBody.shortened(origin.get())
                    + " may not call this server; allow them with --allowed-origins");
        }
        permit(exchange);
        return true;
    }

    private static void permit(Exchange exchange) {
        exchange.setHeader("Access-Control-Allow-Methods", "GET, HEAD, POST");
        exchange.setHeader(
                "Access-Control-Allow-Headers",
                exchange.header(ASKED_HEADERS)
                        .filter(names -> HEADER_NAMES.matcher(names).matches())
                        .orElse(DEFAULT_HEADERS));
        exchange.setHeader("Access-Control-Max-Age", ANSWER_HOLDS);
        exchange.send(204, "text/plain; charset=utf-8", new byte[0]);
    }
}
