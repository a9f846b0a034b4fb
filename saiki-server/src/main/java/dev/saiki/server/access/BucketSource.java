package dev.saiki.server.access;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import java.time.Duration;
import java.util.function.Function;

/// The storage of rate-limit buckets: this process, or a database that several servers share.
public sealed interface BucketSource extends AutoCloseable permits OwnBuckets, SharedBuckets {

    /// A bucket's name, which changes with its bound, so that another bound begins with a full bucket.
    ///
    /// @param key name of a key
    /// @param what is counted: `requests` or `tokens`
    /// @param aMinute how many a minute, and how many at once
    record BucketId(String key, String what, long aMinute) {

        /// The bucket's rule: it fills steadily.
        BucketConfiguration configuration() {
            return BucketConfiguration.builder()
                    .addLimit(limit -> limit.capacity(aMinute).refillGreedy(aMinute, Duration.ofMinutes(1)))
                    .build();
        }

        /// The name in a database.
        String text() {
            return what + " " + aMinute + " " + key;
        }
    }

    /// Does something with a bucket.
    ///
    /// @param id which
    /// @param operation what is done; may be done again with another bucket if this one cannot be reached
    /// @return what came of it
    <T> T with(BucketId id, Function<Bucket, T> operation);

    /// Whether other servers see what is done here, now.
    boolean isShared();

    @Override
    void close();
}
