package dev.saiki.server.access;

/// A method, a path and the endpoint that answers there.
///
/// @param method of HTTP, in upper case
/// @param path as it stands; one that ends in a name in braces takes anything that is not empty in its place
/// @param access what a key must be for
/// @param metering what requests are counted for
/// @param endpoint what answers
public record Route(String method, String path, Access access, Metering metering, Endpoint endpoint) {

    /// A path that answers any key, or, if it makes the engine work, any that may.
    public Route(String method, String path, Metering metering, Endpoint endpoint) {
        this(method, path, metering == Metering.RECORDED ? Access.WORK : Access.ANYONE, metering, endpoint);
    }

    /// A path for those who watch and steer the server.
    public static Route forOperators(String method, String path, Endpoint endpoint) {
        return new Route(method, path, Access.OPERATE, Metering.NONE, endpoint);
    }

    private String fixedPart() {
        return path.substring(0, path.indexOf('{'));
    }

    /// Whether the path of a request is this one.
    boolean fits(String asked) {
        return path.endsWith("}")
                ? asked.startsWith(fixedPart()) && asked.length() > fixedPart().length()
                : asked.equals(path);
    }
}
