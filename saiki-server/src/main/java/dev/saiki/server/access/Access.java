package dev.saiki.server.access;

/// A demand on what a key must be for, so that a path answers it.
enum Access {
    /// Any key.
    ANYONE,
    /// One that may make the engine work.
    WORK,
    /// One that may watch and steer the server.
    OPERATE
}
