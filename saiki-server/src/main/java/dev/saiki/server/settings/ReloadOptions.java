package dev.saiki.server.settings;

import java.nio.file.Path;

/// A place where other checkpoints come from while a server runs.
///
/// @param model the checkpoint folder that was opened first, and that is opened again unless another is named; others
///     must lie beside it, in the same parent folder
/// @param overHttp whether `/admin/reload` and `/admin/rollback` are there; whoever may ask the server may then change
///     its model
public record ReloadOptions(Path model, boolean overHttp) {}
