package dev.saiki.train.parallel;

import dev.saiki.model.TrainedParameters;
import java.util.ArrayList;
import java.util.List;

/// The range of parameters that one process updates, and for which that process keeps moments.
///
/// @param start the index of the first parameter
/// @param end the index after the last parameter
record Shard(long start, long end) {

    /// The width of the widest vector registers, in numbers: the optimizer's kernel rounds full registers
    /// differently from the remainder, so within a stretch of parameters that are updated together a shard must
    /// begin at a multiple of this width.
    private static final long VECTOR = 16;

    /// Divides the trained parameters into shards of about equal length, in order.
    ///
    /// @param size the number of shards
    static List<Shard> cut(TrainedParameters trained, int size) {
        List<Shard> shards = new ArrayList<>();
        long start = 0;
        for (int shard = 1; shard <= size; shard++) {
            long end = shard == size ? trained.count() : aligned(trained, trained.count() * shard / size);
            shards.add(new Shard(start, Math.max(start, end)));
            start = Math.max(start, end);
        }
        return shards;
    }

    private static long aligned(TrainedParameters trained, long place) {
        return trained.stretches().stream()
                .filter(stretch -> stretch.start() <= place && place < stretch.start() + stretch.length())
                .mapToLong(stretch -> stretch.start() + (place - stretch.start()) / VECTOR * VECTOR)
                .findFirst()
                .orElse(place);
    }

    long length() {
        return end - start;
    }

    /// A piece of this shard.
    ///
    /// @param first the index of the piece's first parameter within the shard
    /// @param length the length of the piece, which is cut off at the shard's end
    /// @return the piece; if it begins at or beyond the shard's end, its length is 0 or negative
    Shard piece(long first, long length) {
        return new Shard(start + first, Math.min(end, start + first + length));
    }

    /// The part of a stretch that this shard covers.
    ///
    /// @return the part; its length is 0 or less if the stretch and the shard do not overlap
    Shard within(TrainedParameters.Stretch stretch) {
        return new Shard(Math.max(start, stretch.start()), Math.min(end, stretch.start() + stretch.length()));
    }
}
