package dev.saiki.tensor;

import java.time.Duration;

/// The address at which a group's processes meet, and this process's rank.
///
/// @param host name or address of the machine of rank 0, where the key-value store is that all of them talk
///     to
/// @param port TCP port of that store, in [1, 65535]
/// @param rank number of this process, in [0, size)
/// @param size processes of the group, at least 2
/// @param sizeHere how many of them are on this machine, and share its processors; at least 1
/// @param isHosted whether a launcher already hosts the store; otherwise rank 0 opens it
/// @param generation tells one start of the group from the next one that meets at the same store
/// @param timeout how long a process waits for another one
public record Rendezvous(
        String host,
        int port,
        int rank,
        int size,
        int sizeHere,
        boolean isHosted,
        String generation,
        Duration timeout) {

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException if one of them is left
    public Rendezvous {
        if (size < 2 || rank < 0 || rank >= size) {
            throw new IllegalArgumentException("no rank " + rank + " among " + size + " processes");
        }
        if (sizeHere < 1 || sizeHere > size) {
            throw new IllegalArgumentException("no " + sizeHere + " processes on one machine among " + size);
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("no TCP port: " + port);
        }
    }
}
