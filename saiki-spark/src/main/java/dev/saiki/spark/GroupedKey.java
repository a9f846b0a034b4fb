package dev.saiki.spark;

import java.io.Serializable;

/// A record's key whose group determines its partition and whose order determines its place there.
interface GroupedKey extends Serializable {

    /// The group's number.
    int group();
}
