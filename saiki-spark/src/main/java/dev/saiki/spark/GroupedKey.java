package dev.saiki.spark;

import java.io.Serializable;

/// A key of a record that says with which others it has to be on one partition, where its order decides.
interface GroupedKey extends Serializable {

    /// A number that keys of one group have in common.
    int group();
}
