package dev.saiki.server.access;

/// What a path makes the server do for those who ask.
public enum Work {

    /// Nothing to speak of: it tells what is known. Never limited.
    NONE,

    /// Something without the engine: it reads texts, or searches. Counts against the limits of a key.
    ASIDE,

    /// It makes the engine work, and so is refused while the server ends. Counts against the limits of a
    /// key, and leaves a record.
    ENGINE
}
