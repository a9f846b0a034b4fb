package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.util.Optional;

/// What a server does about load, other checkpoints, and the router's savings while it runs.
///
/// @param shedding how requests get less depth while many wait; empty for never
/// @param reload where other checkpoints come from; empty for nowhere
/// @param rescoring share of the answers that are scored again at full depth when nobody waits
public record OperationOptions(Optional<SheddingOptions> shedding, Optional<ReloadOptions> reload, double rescoring) {

    /// Nothing of it.
    public static final OperationOptions NONE = new OperationOptions(Optional.empty(), Optional.empty(), 0);

    /// Checks the share.
    ///
    /// @throws InputException naming the option, what is allowed, and what was got
    public OperationOptions {
        if (!(rescoring >= 0 && rescoring <= 1)) {
            throw new InputException("the share of answers to score again must be from 0 to 1, got " + rescoring);
        }
    }

    /// Takes depth from requests while many wait.
    ///
    /// @param how far, and from when
    /// @return changed options
    public OperationOptions withShedding(SheddingOptions how) {
        return new OperationOptions(Optional.of(how), reload, rescoring);
    }

    /// Lets other checkpoints be loaded while the server runs.
    ///
    /// @param where they come from
    /// @return changed options
    public OperationOptions withReload(ReloadOptions where) {
        return new OperationOptions(shedding, Optional.of(where), rescoring);
    }

    /// Scores a part of the answers again at full depth when nobody waits.
    ///
    /// @param share of the answers
    /// @return changed options
    public OperationOptions withRescoring(double share) {
        return new OperationOptions(shedding, reload, share);
    }
}
