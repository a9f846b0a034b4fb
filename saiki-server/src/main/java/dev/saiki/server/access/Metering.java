package dev.saiki.server.access;

/// The kind of metering that applies to a path's requests.
public enum Metering {

    /// Requests of negligible cost, which only read existing values. They are never limited.
    NONE,

    /// Requests with a cost outside the engine, such as tokenizing text or searching records. They count against
    /// the limits of a key.
    LIMITED,

    /// Requests that run the engine, refused while the server shuts down. They count against the limits of a key,
    /// and leave an audit record.
    RECORDED
}
