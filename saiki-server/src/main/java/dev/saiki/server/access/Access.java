package dev.saiki.server.access;

/// The right that a path requires of a key.
enum Access {
    /// Any key.
    ANYONE,
    /// One that may make the engine work.
    WORK,
    /// One that may watch and steer the server.
    OPERATE
}
