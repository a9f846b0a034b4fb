package dev.saiki.spark;

import dev.saiki.text.cleaning.DocumentPosition;
import java.io.Serial;
import org.apache.spark.Partitioner;

/// A partitioner of positions in the corpus that follows the partitions of the sources, as Spark's `parallelize`
/// distributes them.
final class SourcePartitioner extends Partitioner {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int sources;
    private final int partitions;

    SourcePartitioner(int sources, int partitions) {
        this.sources = sources;
        this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
        return partitions;
    }

    /// The partition whose range of sources, from i · sources / partitions, holds the position's source.
    @Override
    public int getPartition(Object key) {
        long source = key instanceof Long position ? DocumentPosition.source(position) : 0;
        return (int) (((source + 1) * partitions - 1) / sources);
    }
}
