package dev.saiki.server.settings;

import java.nio.file.Path;

/// The source of other checkpoints for a running server.
///
/// @param model the checkpoint folder that was opened first. A reload opens the same folder unless the request
///     names another folder, which must lie in the same parent folder
/// @param overHttp whether `/admin/reload` and `/admin/rollback` are available; without keys, every client may
///     then change the model
/// @param certified whether a checkpoint needs a valid effort certificate
public record ReloadOptions(Path model, boolean overHttp, boolean certified) {}
