package dev.saiki.server.access;

/// A method, a path and their endpoint.
///
/// @param method the HTTP method, in upper case
/// @param path the literal path, except that a trailing name in braces matches any non-empty text
/// @param access the right that a key must have
/// @param metering the way in which the route's requests are metered
/// @param endpoint the endpoint that answers the route's requests
public record Route(String method, String path, Access access, Metering metering, Endpoint endpoint) {

    /// A route for any key or, if the route runs the engine, for any key that may run it.
    public Route(String method, String path, Metering metering, Endpoint endpoint) {
        this(method, path, metering == Metering.RECORDED ? Access.WORK : Access.ANYONE, metering, endpoint);
    }

    /// A route for keys that may monitor and control the server.
    public static Route forOperators(String method, String path, Endpoint endpoint) {
        return new Route(method, path, Access.OPERATE, Metering.NONE, endpoint);
    }

    private String fixedPart() {
        return path.substring(0, path.indexOf('{'));
    }

    /// Whether this route matches the path of a request.
    boolean fits(String asked) {
        return path.endsWith("}")
                ? asked.startsWith(fixedPart()) && asked.length() > fixedPart().length()
                : asked.equals(path);
    }
}
