package dev.saiki.spark;

import java.io.Serializable;

/// A record's key. Its group determines the partition, its order the place in the partition.
interface GroupedKey extends Serializable {

    /// The group's number.
    int group();
}
