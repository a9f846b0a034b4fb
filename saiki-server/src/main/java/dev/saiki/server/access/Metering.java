package dev.saiki.server.access;

/// The way in which the requests of a path are metered.
public enum Metering {

    /// Requests that are never limited: either their cost is negligible, or only operators may send them.
    NONE,

    /// Requests with a cost outside the engine, such as tokenizing text or searching records. Such requests count
    /// against the limits of their key.
    LIMITED,

    /// Requests that run the engine, refused while the server shuts down. Such requests count against the limits
    /// of their key, and leave an audit record.
    RECORDED
}
