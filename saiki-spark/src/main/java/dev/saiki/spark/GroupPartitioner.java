package dev.saiki.spark;

import java.io.Serial;
import org.apache.spark.Partitioner;

/// A partitioner that assigns all records of a group to one partition.
final class GroupPartitioner extends Partitioner {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int partitions;

    GroupPartitioner(int partitions) {
        this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
        return partitions;
    }

    @Override
    public int getPartition(Object key) {
        return key instanceof GroupedKey grouped ? Math.floorMod(grouped.group(), partitions) : 0;
    }
}
