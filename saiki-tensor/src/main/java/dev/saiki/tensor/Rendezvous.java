package dev.saiki.tensor;

import java.time.Duration;

/// The address at which a group's processes meet, and this process's rank.
///
/// @param host the name or address of rank 0's machine, where the shared key-value store runs
/// @param port TCP port of that store, in [1, 65535]
/// @param rank the rank of this process, in [0, size)
/// @param size the number of processes in the group, at least 2
/// @param sizeHere the number of the group's processes on this machine, which share its processors; at least 1
/// @param isHosted whether a launcher already hosts the store; otherwise rank 0 starts it
/// @param generation number that distinguishes this start of the group from other starts at the same store
/// @param joinTimeout the maximum time that a process waits for all processes to arrive
/// @param timeout the maximum time that a process waits for another process after that
public record Rendezvous(
        String host,
        int port,
        int rank,
        int size,
        int sizeHere,
        boolean isHosted,
        String generation,
        Duration joinTimeout,
        Duration timeout) {

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException if a value is out of range
    public Rendezvous {
        if (size < 2 || rank < 0 || rank >= size) {
            throw new IllegalArgumentException(
                    "size must be at least 2 and rank in [0, size), got rank " + rank + " and size " + size);
        }
        if (sizeHere < 1 || sizeHere > size) {
            throw new IllegalArgumentException("sizeHere must be in [1, " + size + "], got " + sizeHere);
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port must be in [1, 65535], got " + port);
        }
    }
}
