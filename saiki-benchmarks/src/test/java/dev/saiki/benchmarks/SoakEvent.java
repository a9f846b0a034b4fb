package dev.saiki.benchmarks;

/// An external event in a soak test; the events repeat in order.
enum SoakEvent {
    /// The served checkpoint is reloaded.
    RELOAD,
    /// A reload of a checkpoint with truncated weights, which the server must refuse.
    CUT_OFF,
    /// Another process locks the audit database for longer than the server's timeout.
    LOCKED_DATABASE,
    /// A rollback to the previous checkpoint.
    ROLLBACK,
    /// A reload of a checkpoint whose router computes NaN, which the server must refuse.
    POISONED
}
