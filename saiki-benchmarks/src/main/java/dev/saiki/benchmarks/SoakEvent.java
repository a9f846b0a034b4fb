package dev.saiki.benchmarks;

/// An external event in a soak test; the events repeat in order.
enum SoakEvent {
    /// The served checkpoint is reloaded.
    RELOAD,
    /// It is to load a checkpoint whose weights end too early, and must refuse.
    CUT_OFF,
    /// Somebody else holds its audit's database for longer than it waits.
    LOCKED_DATABASE,
    /// It is to serve again what it served before.
    ROLLBACK,
    /// It is to load a checkpoint whose router says what is no number, and must refuse.
    POISONED
}
