package dev.saiki.server.access;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.LocalBucketBuilder;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// Rate-limit buckets of this process.
public final class OwnBuckets implements BucketSource {

    private final Map<BucketId, Bucket> buckets = new ConcurrentHashMap<>();

    @Override
    public <T> T with(BucketId id, Function<Bucket, T> operation) {
        return operation.apply(buckets.computeIfAbsent(id, OwnBuckets::full));
    }

    private static Bucket full(BucketId id) {
        LocalBucketBuilder builder = Bucket.builder();
        Arrays.stream(id.configuration().getBandwidths()).forEach(builder::addLimit);
        return builder.build();
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public void close() {
        // Local buckets hold no resources.
    }
}
