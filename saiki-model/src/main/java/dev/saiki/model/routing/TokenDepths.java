package dev.saiki.model.routing;

import java.util.Arrays;

/// The numbers of recursions that the tokens of a batch took, counted from 1.
public final class TokenDepths {

    private final int time;
    private final int[] depths;

    /// Creates depths of zero, to be counted up step by step.
    ///
    /// @param batch number of sequences
    /// @param time tokens per sequence
    public TokenDepths(int batch, int time) {
        this.time = time;
        this.depths = new int[batch * time];
    }

    /// Adds one recursion for each active token.
    ///
    /// @param active the tokens
    public void count(ActiveTokens active) {
        for (int b = 0; b < active.batch(); b++) {
            for (int position : active.positions(b)) {
                depths[b * time + position]++;
            }
        }
    }

    /// Returns the depths of one sequence.
    ///
    /// @param sequence the index of the sequence in the batch
    /// @return one depth per token
    public int[] of(int sequence) {
        return Arrays.copyOfRange(depths, sequence * time, (sequence + 1) * time);
    }
}
