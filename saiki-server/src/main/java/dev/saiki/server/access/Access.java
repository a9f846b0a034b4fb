package dev.saiki.server.access;

/// The right that a path requires of a key.
enum Access {
    /// Any key.
    ANYONE,
    /// A key that may run the engine.
    WORK,
    /// A key that may monitor and control the server.
    OPERATE
}
