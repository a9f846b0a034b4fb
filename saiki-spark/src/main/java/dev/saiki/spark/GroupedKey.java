package dev.saiki.spark;

import java.io.Serializable;

/// A record's key, whose group determines the partition and whose order determines the place in the partition.
interface GroupedKey extends Serializable {

    /// The group's number.
    int group();
}
