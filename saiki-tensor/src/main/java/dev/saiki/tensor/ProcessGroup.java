package dev.saiki.tensor;

import java.util.List;

/// A group of cooperating processes and their collective operations. A single process is a group too.
///
/// Every process calls the same operations in the same order; each waits until all have come. Operations of
/// tensors are collectives of LibTorch's c10d over Gloo. All failures of peers arrive as {@link
/// ProcessGroupException}, which names the rank that is to blame; the group is of no use then.
public sealed interface ProcessGroup extends AutoCloseable permits SingleProcess, GlooProcessGroup {

    /// An asynchronous operation.
    @FunctionalInterface
    interface Pending {

        /// Waits until it is done; its tensors must not be touched before.
        ///
        /// @throws ProcessGroupException if a peer fails
        void await();
    }

    /// Returns the group of this process alone.
    ///
    /// @return the plain case
    static ProcessGroup single() {
        return SingleProcess.INSTANCE;
    }

    /// Joins a group, and waits until all of its processes are there.
    ///
    /// @param place where they meet
    /// @return the group, to be closed
    /// @throws ProcessGroupException if one of them does not come in time
    static ProcessGroup join(Rendezvous place) {
        return GlooProcessGroup.join(place);
    }

    /// Returns the number of this process.
    ///
    /// @return in [0, size)
    int rank();

    /// Returns the number of processes.
    ///
    /// @return at least 1
    int size();

    /// Returns the number of processes on this machine, which share its processors.
    ///
    /// @return at least 1
    int sizeHere();

    /// Tells whether this process is the one that writes files and speaks for all.
    ///
    /// @return whether its rank is 0
    default boolean isFirst() {
        return rank() == 0;
    }

    /// Starts to add up a tensor over all processes; the order of addition is the library's.
    ///
    /// @param tensor contiguous, of one shape and type everywhere; becomes the sum
    /// @return to be awaited
    Pending startSum(Tensor tensor);

    /// Adds up a tensor over all processes.
    ///
    /// @param tensor contiguous, of one shape and type everywhere; becomes the sum
    default void sum(Tensor tensor) {
        startSum(tensor).await();
    }

    /// Adds up numbers over all processes.
    ///
    /// @param own as many everywhere
    /// @return the sums
    default long[] sums(long... own) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor tensor = Tensors.of(own, own.length);
            sum(tensor);
            return tensor.toLongs();
        }
    }

    /// Starts to send one part of a tensor to each process, and to get one from each.
    ///
    /// @param parts FLOAT32 `[size · n]`, the part for rank 0 first
    /// @param received FLOAT32 `[size · n]`, overwritten with the part from rank 0 first
    /// @return to be awaited
    Pending startExchange(Tensor parts, Tensor received);

    /// Puts the tensors of all processes behind one another.
    ///
    /// @param own FLOAT32 `[n]`
    /// @param all FLOAT32 `[size · n]`, overwritten with that of rank 0 first
    void gather(Tensor own, Tensor all);

    /// Shows every process what each of them has.
    ///
    /// @param own any bytes, perhaps of another number than elsewhere
    /// @return those of rank 0 first
    List<byte[]> gather(byte[] own);

    /// Waits until all processes are here.
    void barrier();

    /// Announces to the others that this process has failed, and why. Does nothing if another process failed first.
    ///
    /// @param cause the failure
    void abandon(Throwable cause);

    /// Leaves the group; every process has to, after its last operation.
    @Override
    void close();
}
