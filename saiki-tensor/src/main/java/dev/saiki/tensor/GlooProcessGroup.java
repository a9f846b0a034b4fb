package dev.saiki.tensor;

import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.gloo.Device;

/// A process group on LibTorch's c10d, whose processes meet at a TCPStore and communicate with Gloo.
///
/// A native object that receives a store takes ownership of the store's Java object. Each such native object
/// therefore gets its own client of the store, and none of them gets the server's Java object.
final class GlooProcessGroup implements ProcessGroup {

    private static final int THREADS = 2;
    private static final String INTERFACE_VARIABLE = "GLOO_SOCKET_IFNAME";

    private final Rendezvous place;
    private final Optional<TCPStore> server;
    private final PeerWatch watch;
    private final Milestones milestones;
    private final ProcessGroupGloo group;
    private final AtomicLong started;
    private final AtomicInteger inFlight = new AtomicInteger();
    private boolean hasFailed;

    private GlooProcessGroup(
            Rendezvous place, Optional<TCPStore> server, PeerWatch watch, ProcessGroupGloo group, AtomicLong started) {
        this.place = place;
        this.server = server;
        this.watch = watch;
        this.milestones = new Milestones(place, StoreClient.connect(place, place.timeout()), watch);
        this.group = group;
        this.started = started;
    }

    static GlooProcessGroup join(Rendezvous place) {
        TorchRuntime.ensureLoaded();
        try {
            Optional<TCPStore> server = place.rank() == 0 && !place.isHosted()
                    ? Optional.of(StoreClient.open(place, true, place.timeout()))
                    : Optional.empty();
            AtomicLong started = new AtomicLong();
            PeerWatch watch = new PeerWatch(place, StoreClient.connect(place, place.joinTimeout()), started::get);
            watch.awaitAll();
            ProcessGroupGloo group = open(place);
            return new GlooProcessGroup(place, server, watch, group, started);
        } catch (RuntimeException e) {
            if (e instanceof ProcessGroupException known) {
                throw known;
            }
            throw new ProcessGroupException(
                    "rank " + place.rank() + " of " + place.size() + " cannot join the group at " + place.host() + ":"
                            + place.port() + " within " + place.joinTimeout().toSeconds() + " s: " + firstLine(e),
                    e);
        }
    }

    private static ProcessGroupGloo open(Rendezvous place) {
        try (Milliseconds timeout = new Milliseconds(place.timeout().toMillis());
                Device device = device(place);
                GlooDeviceVector devices = new GlooDeviceVector(device)) {
            ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(timeout);
            options.devices(devices).threads(THREADS);
            PrefixStore store =
                    new PrefixStore(place.generation() + "/gloo", StoreClient.open(place, false, place.timeout()));
            return new ProcessGroupGloo(store, place.rank(), place.size(), options);
        }
    }

    /// The network interface through which the other processes reach this one: the interface with the route to
    /// rank 0's machine.
    private static Device device(Rendezvous place) {
        String named = System.getenv(INTERFACE_VARIABLE);
        if (named != null && !named.isBlank()) {
            return ProcessGroupGloo.createDeviceForInterface(named);
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            InetAddress first = InetAddress.getByName(place.host());
            socket.connect(new InetSocketAddress(first, place.port()));
            return ProcessGroupGloo.createDeviceForHostname(
                    socket.getLocalAddress().getHostAddress());
        } catch (UnknownHostException | SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int rank() {
        return place.rank();
    }

    @Override
    public int size() {
        return place.size();
    }

    @Override
    public int sizeHere() {
        return place.sizeHere();
    }

    @Override
    public Pending startSum(Tensor tensor) {
        TensorVector tensors = new TensorVector(tensor.handle());
        return start(() -> group.allreduce(tensors), tensors);
    }

    @Override
    public void broadcast(Tensor tensor) {
        TensorVector tensors = new TensorVector(tensor.handle());
        start(() -> group.broadcast(tensors), tensors).await();
    }

    @Override
    public void send(Tensor tensor, int to) {
        TensorVector tensors = new TensorVector(tensor.handle());
        start(() -> group.send(tensors, to, 0), tensors).await();
    }

    @Override
    public void receive(Tensor tensor, int from) {
        TensorVector tensors = new TensorVector(tensor.handle());
        start(() -> group.recv(tensors, from, 0), tensors).await();
    }

    @Override
    public void awaitFirst() {
        awaitFirst(true);
    }

    @Override
    public void awaitFirstIn(int rank) {
        awaitFirst(rank == rank());
    }

    private void awaitFirst(boolean waits) {
        started.incrementAndGet();
        try {
            milestones.reach(waits);
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    @Override
    public Pending startExchange(Tensor parts, Tensor received) {
        LongVector inEqualParts = new LongVector();
        return start(
                () -> group.alltoall_base(received.handle(), parts.handle(), inEqualParts, inEqualParts), inEqualParts);
    }

    @Override
    public void gather(Tensor own, Tensor all) {
        start(() -> group._allgather_base(all.handle(), own.handle())).await();
    }

    @Override
    public List<byte[]> gather(byte[] own) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor lengths = Tensors.zeros(DType.INT64, size());
            gather(Tensors.of(new long[] {own.length}, 1), lengths);
            long[] bytes = lengths.toLongs();
            int words = 0;
            for (long length : bytes) {
                words = Math.max(words, Math.toIntExact((length + Long.BYTES - 1) / Long.BYTES));
            }
            Tensor all = Tensors.zeros(DType.INT64, (long) size() * words);
            if (words > 0) {
                gather(Tensors.of(padded(own, words), words), all);
            }
            List<byte[]> parts = new ArrayList<>();
            MemorySegment memory = Tensors.segmentOf(all);
            for (int rank = 0; rank < size(); rank++) {
                byte[] part = new byte[Math.toIntExact(bytes[rank])];
                MemorySegment.copy(
                        memory, (long) rank * words * Long.BYTES, MemorySegment.ofArray(part), 0, part.length);
                parts.add(part);
            }
            return parts;
        }
    }

    private static long[] padded(byte[] bytes, int words) {
        ByteBuffer buffer = ByteBuffer.allocate(words * Long.BYTES).order(ByteOrder.nativeOrder());
        buffer.put(bytes).rewind();
        long[] values = new long[words];
        buffer.asLongBuffer().get(values);
        return values;
    }

    @Override
    public void barrier() {
        start(group::barrier).await();
    }

    private Pending start(Supplier<Work> operation, AutoCloseable... operands) {
        started.incrementAndGet();
        inFlight.incrementAndGet();
        Work work;
        try {
            work = operation.get();
        } catch (RuntimeException e) {
            throw failed(e);
        }
        return () -> {
            try {
                work._wait();
            } catch (RuntimeException e) {
                throw failed(e);
            }
            inFlight.decrementAndGet();
            work.deallocate();
            for (AutoCloseable operand : operands) {
                close(operand);
            }
        };
    }

    private static void close(AutoCloseable operand) {
        try {
            operand.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private ProcessGroupException failed(RuntimeException cause) {
        hasFailed = true;
        return new ProcessGroupException(watch.whoFailed() + " (" + firstLine(cause) + ")", cause);
    }

    private static String firstLine(RuntimeException failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }

    @Override
    public void abandon(Throwable cause) {
        if (!hasFailed) {
            hasFailed = true;
            String message = cause.getMessage();
            watch.leave(message == null ? cause.getClass().getSimpleName() : message);
        }
    }

    /// Closes the group; after a failure, this closes the connections, which the peers notice. If operations
    /// are pending, the connections stay open: native threads may then wait for failed peers, and only the
    /// end of the process stops these threads.
    @Override
    public void close() {
        if (hasFailed) {
            if (inFlight.get() == 0) {
                group.deallocate();
            }
            return;
        }
        watch.close();
        milestones.close();
        try {
            group.barrier()._wait();
        } catch (RuntimeException goneWithoutAWord) {
            // All collective operations are complete.
        }
        group.deallocate();
        server.ifPresent(TCPStore::deallocate);
    }
}
