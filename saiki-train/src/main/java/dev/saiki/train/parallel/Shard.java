package dev.saiki.train.parallel;

import dev.saiki.model.TrainedParameters;
import java.util.ArrayList;
import java.util.List;

/// The range of parameters whose update and moments belong to one process.
///
/// @param start the first of them
/// @param end behind the last one
record Shard(long start, long end) {

    /// Numbers in a vector register of the widest kind: the optimizer's kernel rounds a whole register's
    /// worth otherwise than the rest behind the last one, so no shard may begin elsewhere within a stretch.
    private static final long VECTOR = 16;

    /// Cuts what is trained into shards of about one length, in order.
    ///
    /// @param size how many
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

    /// The part of a stretch that lies in this shard.
    ///
    /// @return of length 0 or less if none does
    Shard within(TrainedParameters.Stretch stretch) {
        return new Shard(Math.max(start, stretch.start()), Math.min(end, stretch.start() + stretch.length()));
    }
}
