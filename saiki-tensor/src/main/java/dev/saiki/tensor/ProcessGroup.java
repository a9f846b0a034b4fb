package dev.saiki.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/// A group of cooperating processes and their collective operations. A single process is a group too.
///
/// Every process calls the same operations in the same order; an operation waits for all processes. Tensor
/// operations are collectives of LibTorch's c10d over Gloo. Every failure of a peer causes a
/// {@link ProcessGroupException} that names the failed rank if it is known; the group is unusable afterwards.
public sealed interface ProcessGroup extends AutoCloseable permits SingleProcess, GlooProcessGroup {

    /// An asynchronous operation.
    @FunctionalInterface
    interface Pending {

        /// Waits until the operation is complete; until then, the operation's tensors must not be used.
        ///
        /// @throws ProcessGroupException if a peer fails
        void await();
    }

    /// Returns the group of this process alone.
    ///
    /// @return the group of one process
    static ProcessGroup single() {
        return SingleProcess.INSTANCE;
    }

    /// Joins a group, and waits until all of its processes have joined.
    ///
    /// @param place the rendezvous
    /// @return the group, to be closed
    /// @throws ProcessGroupException if a process does not join in time
    static ProcessGroup join(Rendezvous place) {
        return GlooProcessGroup.join(place);
    }

    /// Returns the rank of this process.
    ///
    /// @return the rank, in [0, size)
    int rank();

    /// Returns the number of processes.
    ///
    /// @return the number of processes, at least 1
    int size();

    /// Returns the number of processes on this machine, which share its processors.
    ///
    /// @return the number of processes, at least 1
    int sizeHere();

    /// Tells whether this process is the one that writes files and reports for all.
    ///
    /// @return whether its rank is 0
    default boolean isFirst() {
        return rank() == 0;
    }

    /// Starts to sum a tensor over all processes; the library chooses the order of addition.
    ///
    /// @param tensor a contiguous tensor, of the same shape and type in every process; overwritten with the
    ///     sum
    /// @return the pending operation
    Pending startSum(Tensor tensor);

    /// Sums a tensor over all processes.
    ///
    /// @param tensor a contiguous tensor, of the same shape and type in every process; overwritten with the
    ///     sum
    default void sum(Tensor tensor) {
        startSum(tensor).await();
    }

    /// Sums numbers over all processes.
    ///
    /// @param own the numbers of this process; every process passes an equal count
    /// @return the sums
    default long[] sums(long... own) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor tensor = Tensors.of(own, own.length);
            sum(tensor);
            return tensor.toLongs();
        }
    }

    /// Overwrites a tensor with that of the first process.
    ///
    /// @param tensor a contiguous tensor, of the same shape and type in every process
    void broadcast(Tensor tensor);

    /// Sends a tensor to another process, and waits until it has arrived.
    ///
    /// @param tensor a contiguous tensor
    /// @param to the rank of the process, which must call {@link #receive}
    void send(Tensor tensor, int to);

    /// Receives a tensor from another process.
    ///
    /// @param tensor a contiguous tensor, of the same shape and type as the one sent; overwritten
    /// @param from the rank of the process
    void receive(Tensor tensor, int from);

    /// Starts to send one part of a tensor to each process, and to receive one part from each.
    ///
    /// @param parts FLOAT32 `[size · n]`, in which the part for rank 0 comes first
    /// @param received FLOAT32 `[size · n]`, overwritten with the received parts, that from rank 0 first
    /// @return the pending operation
    Pending startExchange(Tensor parts, Tensor received);

    /// Concatenates the tensors of all processes.
    ///
    /// @param own FLOAT32 `[n]`
    /// @param all FLOAT32 `[size · n]`, overwritten with the tensors in rank order
    void gather(Tensor own, Tensor all);

    /// Collects the bytes of all processes in every process.
    ///
    /// @param own any bytes; the length may differ between processes
    /// @return the bytes of each process, in rank order
    List<byte[]> gather(byte[] own);

    /// Sends a text from the first process to all others.
    ///
    /// @param own the text of this process; only the first process's text is sent
    /// @return the first process's text
    default String textOfFirst(String own) {
        byte[] sent = gather(isFirst() ? own.getBytes(UTF_8) : new byte[0]).getFirst();
        return new String(sent, UTF_8);
    }

    /// Waits until the first process has reached this call, however long it takes, as when it writes a large file.
    /// Other operations have a time limit. The first process itself does not wait.
    ///
    /// @throws ProcessGroupException if the first process fails
    void awaitFirst();

    /// Like {@link #awaitFirst}, but only one process waits; every process must call this.
    ///
    /// @param rank the rank of the process that waits
    /// @throws ProcessGroupException if the first process fails
    void awaitFirstIn(int rank);

    /// Waits until all processes have reached this call.
    void barrier();

    /// Announces that this process has failed, and for what reason. Does nothing after a failed operation or an
    /// earlier call.
    ///
    /// @param cause the failure
    void abandon(Throwable cause);

    /// Leaves the group; every process must call this after its last operation.
    @Override
    void close();
}
