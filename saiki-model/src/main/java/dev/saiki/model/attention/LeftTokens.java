package dev.saiki.model.attention;

import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.List;

/// Exited tokens whose keys and values the tokens of a recursion step still attend to.
///
/// The step's projections compute these keys and values from each token's last state, as if the token had taken
/// the step without a change of its state (Schuster et al., "Confident adaptive language modeling",
/// arXiv:2207.07061).
///
/// @param states `[m, hidden]`, the last states of the exited tokens
/// @param rotation the angles of the exited tokens
/// @param order INT64 `[B · T]`: the index of every token in the concatenation of the active and the exited tokens
public record LeftTokens(Tensor states, Rotations rotation, Tensor order) {

    /// Creates the set.
    ///
    /// @param all `[B · T, hidden]`, the states of all tokens before the step
    /// @param left the exited tokens, at least one
    /// @param rotation the angles of the exited tokens
    /// @return the tokens
    public static LeftTokens of(Tensor all, ActiveTokens left, Rotations rotation) {
        int tokens = left.batch() * left.time();
        long[] order = new long[tokens];
        int active = 0;
        int gone = tokens - left.count();
        for (int b = 0; b < left.batch(); b++) {
            int next = 0;
            for (int t = 0; t < left.time(); t++) {
                boolean hasLeft = next < left.positions(b).length && left.positions(b)[next] == t;
                next += hasLeft ? 1 : 0;
                order[b * left.time() + t] = hasLeft ? gone++ : active++;
            }
        }
        return new LeftTokens(
                all.rows(left.rows()), rotation, Tensors.on(left.device()).of(order, tokens));
    }

    /// Returns the tokens with other states.
    ///
    /// @param others `[m, hidden]`
    /// @return the copy
    public LeftTokens with(Tensor others) {
        return new LeftTokens(others, rotation, order);
    }

    /// Merges rows of the active and of the exited tokens in order of position.
    ///
    /// @param ofActive `[n, …]`
    /// @param ofLeft `[m, …]`
    /// @return `[B · T, …]`
    Tensor together(Tensor ofActive, Tensor ofLeft) {
        return Tensors.concatenate(List.of(ofActive, ofLeft), 0).rows(order);
    }
}
