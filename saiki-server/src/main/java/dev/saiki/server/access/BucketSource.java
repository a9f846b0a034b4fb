package dev.saiki.server.access;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import java.time.Duration;
import java.util.function.Function;

/// The storage of rate-limit buckets: the memory of this process, or a database that several servers share.
public sealed interface BucketSource extends AutoCloseable permits OwnBuckets, SharedBuckets {

    /// The name of a bucket, which contains the limit, so that a new limit starts with a full bucket.
    ///
    /// @param key the name of an API key
    /// @param what the unit that the bucket counts: `requests` or `tokens`
    /// @param aMinute the refill per minute, and also the capacity
    record BucketId(String key, String what, long aMinute) {

        /// The bucket's rule: it refills at a constant rate.
        BucketConfiguration configuration() {
            return BucketConfiguration.builder()
                    .addLimit(limit -> limit.capacity(aMinute).refillGreedy(aMinute, Duration.ofMinutes(1)))
                    .build();
        }

        /// The bucket's name in a database.
        String text() {
            return what + " " + aMinute + " " + key;
        }
    }

    /// Runs an operation on a bucket.
    ///
    /// @param id the id of the bucket
    /// @param operation the operation; if the shared bucket cannot be reached, the operation may run again on
    ///     a local one
    /// @return the operation's result
    <T> T with(BucketId id, Function<Bucket, T> operation);

    /// Whether the buckets are shared with other servers at this moment.
    boolean isShared();

    @Override
    void close();
}
