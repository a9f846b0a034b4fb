package dev.saiki.server.access;

/// The kind of metering that applies to a path's requests.
public enum Metering {

    /// They cost nothing to speak of: they ask for what is known. Never limited.
    NONE,

    /// They cost something without the engine: texts are read, or records searched. They count against the limits of
    /// a key.
    LIMITED,

    /// They make the engine work, and so are refused while the server ends. They count against the limits of a key,
    /// and leave a record.
    RECORDED
}
