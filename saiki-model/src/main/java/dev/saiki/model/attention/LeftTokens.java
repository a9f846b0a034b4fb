package dev.saiki.model.attention;

import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.List;

/// Exited tokens, whose keys and values the tokens of a recursion step still attend to.
///
/// A step's projections make them of the last state of each, as if the token had taken the step and nothing had
/// changed that state (Schuster et al., "Confident adaptive language modeling", arXiv:2207.07061).
///
/// @param states `[m, hidden]`, their last states
/// @param rotation their angles
/// @param order INT64 `[B · T]`: of every token its row among the active ones, or behind them among those that left
public record LeftTokens(Tensor states, RotaryEmbedding.Rotation rotation, Tensor order) {

    /// Finds them.
    ///
    /// @param all `[B · T, hidden]`, the states of all tokens before the step
    /// @param left the tokens, one at least
    /// @param rotation their angles
    /// @return the tokens
    public static LeftTokens of(Tensor all, ActiveTokens left, RotaryEmbedding.Rotation rotation) {
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

    /// Copies the tokens with other states.
    ///
    /// @param others `[m, hidden]`
    /// @return the copy
    public LeftTokens with(Tensor others) {
        return new LeftTokens(others, rotation, order);
    }

    /// Puts what belongs to the active tokens and what belongs to these in order of position.
    ///
    /// @param ofActive `[n, …]`
    /// @param ofLeft `[m, …]`
    /// @return `[B · T, …]`
    Tensor together(Tensor ofActive, Tensor ofLeft) {
        return Tensors.concatenate(List.of(ofActive, ofLeft), 0).rows(order);
    }
}
