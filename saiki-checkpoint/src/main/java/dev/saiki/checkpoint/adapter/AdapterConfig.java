package dev.saiki.checkpoint.adapter;

import dev.saiki.io.InputException;
import java.util.List;

/// The structure of an adapter: its rank, alpha and linear maps. A map W gets the low-rank update `alpha / rank · B ·
/// A` (LoRA); A is `[rank, in]`, B is `[out, rank]`.
///
/// @param rank the rank of all updates, at least 1
/// @param alpha the numerator of the factor alpha / rank, positive
/// @param maps names of the maps as in a checkpoint, without `.weight`; at least one
public record AdapterConfig(int rank, double alpha, List<String> maps) {

    /// Copies the list.
    ///
    /// @throws InputException if rank or alpha is not positive, or there is no map
    public AdapterConfig {
        InputException.requireAtLeast("the rank of an adapter", rank, 1);
        InputException.require(alpha > 0 && Double.isFinite(alpha), "alpha of an adapter", "positive", alpha);
        InputException.require(!maps.isEmpty(), "an adapter must change at least one linear map, got none");
        maps = List.copyOf(maps);
    }

    /// Returns the factor by which the product B · A is multiplied.
    ///
    /// @return alpha / rank
    public double scale() {
        return alpha / rank;
    }
}
