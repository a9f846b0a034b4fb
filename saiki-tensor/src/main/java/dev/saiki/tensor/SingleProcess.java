package dev.saiki.tensor;

import java.util.List;

/// A group of one process, whose collective operations return their input.
enum SingleProcess implements ProcessGroup {
    INSTANCE;

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int size() {
        return 1;
    }

    @Override
    public int sizeHere() {
        return 1;
    }

    @Override
    public Pending startSum(Tensor tensor) {
        return () -> {};
    }

    @Override
    public long[] sums(long... own) {
        return own;
    }

    @Override
    public void broadcast(Tensor tensor) {
        // There is no other process to send to.
    }

    @Override
    public void send(Tensor tensor, int to) {
        throw new IllegalArgumentException("there is no rank " + to);
    }

    @Override
    public void receive(Tensor tensor, int from) {
        throw new IllegalArgumentException("there is no rank " + from);
    }

    @Override
    public Pending startExchange(Tensor parts, Tensor received) {
        received.copyFrom(parts);
        return () -> {};
    }

    @Override
    public void gather(Tensor own, Tensor all) {
        all.copyFrom(own);
    }

    @Override
    public List<byte[]> gather(byte[] own) {
        return List.of(own);
    }

    @Override
    public void awaitFirst() {
        // This process is the first one.
    }

    @Override
    public void awaitFirstIn(int rank) {
        awaitFirst();
    }

    @Override
    public void barrier() {
        // There is no other process to wait for.
    }

    @Override
    public void abandon(Throwable cause) {
        // There is no other process to notify.
    }

    @Override
    public void close() {
        // There is no connection to close.
    }
}
