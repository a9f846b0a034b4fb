package dev.saiki.spark;

import java.io.Serializable;

/// A record's key, whose group determines the record's partition, and whose order determines its place in the
/// partition.
interface GroupedKey extends Serializable {

    /// The group's number.
    int group();
}
