package dev.saiki.benchmarks;

/// An event that befalls a server of a soak from outside; they come one after the other, over and over.
enum SoakEvent {
    /// The checkpoint it serves is loaded anew.
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
