package dev.saiki.server.settings;

import java.nio.file.Path;

/// The source of other checkpoints while a server runs.
///
/// @param model the checkpoint folder that was opened first, and that is opened again unless another is named; others
///     must lie beside it, in the same parent folder
/// @param overHttp whether `/admin/reload` and `/admin/rollback` are there; whoever may ask the server may then change
///     its model
/// @param certified whether a checkpoint must have the certificate of an effort that holds for it
public record ReloadOptions(Path model, boolean overHttp, boolean certified) {

    /// Asks for no certificate.
    ///
    /// @param model the checkpoint folder that was opened first
    /// @param overHttp whether `/admin/reload` and `/admin/rollback` are there
    public ReloadOptions(Path model, boolean overHttp) {
        this(model, overHttp, false);
    }
}
