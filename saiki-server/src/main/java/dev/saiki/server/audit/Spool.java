package dev.saiki.server.audit;

import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A durable queue on disk, with many producers that append and sync, and one consumer. Appended bytes survive a
/// kill of the process; the consumer may receive bytes twice.
///
/// The spool is a folder of files, each a sequence of frames: length, CRC-32C, bytes. Because a separate thread
/// writes, concurrent appends share one sync to disk, and interrupting a producer never interrupts a write: an
/// interrupted write would close the file for all producers. Alternatives: Chronicle Queue maps memory, does not
/// sync by itself, and needs access to the JVM's internals; Tape syncs each entry separately, in one file that is
/// rewritten when it grows.
final class Spool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    private static final int SEGMENTS = 8;
    private static final int MIN_SEGMENT_BYTES = 1 << 16;
    private static final String ENDING = ".records";
    private static final String DAMAGED_ENDING = ".damaged";
    private static final String PROBE = "probe";

    private final Path folder;
    private final long maxBytes;
    private final long segmentBytes;
    private final DirectoryLock folderLock;
    private final Disk disk;
    private final BlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final Thread writer;
    private volatile boolean ended;

    /// This object guards the fields below.
    private final Deque<SpoolSegment> segments = new ArrayDeque<>();
    private long totalBytes;

    /// Bytes whose producer waits for the disk; an empty array ends the writer.
    @SuppressWarnings("ArrayRecordComponent") // Nothing compares them.
    private record Pending(byte[] payload, CompletableFuture<Boolean> onDisk) {
        static Pending of(byte[] payload) {
            return new Pending(payload, new CompletableFuture<>());
        }
    }

    /// A disk that can force written bytes to its storage.
    @FunctionalInterface
    interface Disk {
        /// Forces written bytes to the disk.
        void force(FileChannel channel) throws IOException;
    }

    /// A failure to append because the spool is full.
    static final class FullException extends IOException {
        @Serial
        private static final long serialVersionUID = 1L;

        FullException(long maxBytes) {
            super("the audit spool is full: " + maxBytes + " bytes are not yet in the database");
        }
    }

    /// Records read from the spool, and the position in the spool up to which records are removed once they
    /// are stored.
    ///
    /// @param payloads the appended bytes of each record
    /// @param segment the number of the records' file
    /// @param end the position in the file at which the records end
    /// @param moves whether anything was read, even if only damaged bytes
    record Batch(List<byte[]> payloads, long segment, long end, boolean moves) {}

    private Spool(Path folder, long maxBytes, DirectoryLock folderLock, Disk disk) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.segmentBytes = Math.max(MIN_SEGMENT_BYTES, maxBytes / SEGMENTS);
        this.folderLock = folderLock;
        this.disk = disk;
        this.writer = Thread.ofPlatform().name("saiki-audit-spool").daemon().unstarted(this::write);
    }

    /// Opens a spool with the records in its folder, and creates the folder if missing.
    ///
    /// @throws InputException if another process has the spool open
    static Spool open(Path folder, long maxBytes) throws IOException {
        return open(folder, maxBytes, channel -> channel.force(false));
    }

    /// Opens a spool in a folder on a given disk.
    static Spool open(Path folder, long maxBytes, Disk disk) throws IOException {
        // The folder is private, because the spool may contain prompts.
        PrivateFiles.createFolder(folder);
        DirectoryLock lock = DirectoryLock.acquire(folder);
        try {
            Spool spool = new Spool(folder, maxBytes, lock, disk);
            spool.recover();
            spool.writer.start();
            return spool;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private void recover() throws IOException {
        List<Long> numbers;
        try (Stream<Path> files = Files.list(folder)) {
            numbers = files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.matches("[0-9]{12}" + ENDING))
                    .map(name -> Long.valueOf(name.substring(0, name.length() - ENDING.length())))
                    .sorted()
                    .toList();
        }
        for (long number : numbers) {
            FileChannel channel = FileChannel.open(file(number), StandardOpenOption.READ, StandardOpenOption.WRITE);
            long whole = SpoolSegment.wholeFrames(channel);
            if (whole < channel.size()) {
                keepDamaged(number, channel, whole);
            }
            totalBytes += whole;
            segments.addLast(new SpoolSegment(number, channel, whole));
        }
        if (segments.isEmpty()) {
            addSegment(1);
        }
    }

    /// Saves a copy of the file for inspection, and removes the bytes after the last whole frame. The removed
    /// bytes were never acknowledged, or the disk damaged them.
    private void keepDamaged(long number, FileChannel channel, long whole) throws IOException {
        copyDamaged(number, whole);
        channel.truncate(whole);
        channel.force(true);
    }

    private void copyDamaged(long number, long whole) throws IOException {
        LOG.error(
                "{}: the bytes after byte {} are not a complete record; a copy of the file was saved for inspection",
                file(number),
                whole);
        Path copy = Files.createTempFile(folder, file(number).getFileName() + ".", DAMAGED_ENDING);
        Files.copy(file(number), copy, StandardCopyOption.REPLACE_EXISTING);
    }

    private Path file(long number) {
        return folder.resolve(String.format(Locale.ROOT, "%012d%s", number, ENDING));
    }

    private void addSegment(long number) throws IOException {
        FileChannel channel = PrivateFiles.open(
                file(number),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
        segments.addLast(new SpoolSegment(number, channel, 0));
    }

    /// Appends bytes; when the method returns, they are on disk.
    ///
    /// @param payload at least one byte
    /// @throws FullException if the bytes do not fit
    /// @throws IOException if the disk does not accept the bytes
    void append(byte[] payload) throws IOException {
        Pending pending = Pending.of(payload);
        queue.add(pending);
        if (ended) {
            pending.onDisk().completeExceptionally(new ClosedChannelException());
        }
        try {
            pending.onDisk().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof FullException full ? full : new IOException(e.getCause());
        }
    }

    /// Writes until the spool is closed. However this method ends, no producer is left waiting.
    private void write() {
        List<Pending> together = new ArrayList<>();
        try {
            boolean more = true;
            while (more) {
                together.clear();
                more = writeNext(together);
            }
        } finally {
            ended = true;
            together.forEach(Spool::refuse);
            queue.forEach(Spool::refuse);
        }
    }

    /// Reports a failure to a producer that has no result yet.
    private static void refuse(Pending pending) {
        pending.onDisk().completeExceptionally(new ClosedChannelException());
    }

    /// Waits for bytes, and writes them.
    ///
    /// @param together filled with the appends that were waiting
    /// @return whether more may come
    private boolean writeNext(List<Pending> together) {
        try {
            together.add(queue.take());
        } catch (InterruptedException e) {
            return true;
        }
        queue.drainTo(together);
        writeAll(together.stream()
                .filter(pending -> pending.payload().length > 0)
                .toList());
        return together.stream().noneMatch(pending -> pending.payload().length == 0);
    }

    /// An error such as an out-of-memory error is treated like a failure of the disk: the waiting appends fail,
    /// and later ones may succeed.
    private void writeAll(List<Pending> together) {
        List<Pending> written = new ArrayList<>();
        for (Pending pending : together) {
            try {
                write(pending.payload());
                written.add(pending);
            } catch (IOException | RuntimeException | Error e) {
                pending.onDisk().completeExceptionally(e);
            }
        }
        try {
            force();
            written.forEach(pending -> pending.onDisk().complete(true));
        } catch (IOException | RuntimeException | Error e) {
            cutUnforced();
            written.forEach(pending -> pending.onDisk().completeExceptionally(e));
        }
    }

    /// Forces all bytes to the disk. Only this thread writes; the consumer reads forced bytes only.
    private void force() throws IOException {
        List<SpoolSegment> unforced = unforced();
        for (SpoolSegment segment : unforced) {
            disk.force(segment.channel());
        }
        synchronized (this) {
            unforced.forEach(SpoolSegment::setForced);
        }
    }

    private synchronized List<SpoolSegment> unforced() {
        return segments.stream()
                .filter(segment -> segment.forced() < segment.size())
                .toList();
    }

    /// Truncates the bytes that could not be forced, as far as the disk allows, because their producers receive a
    /// failure.
    private synchronized void cutUnforced() {
        try {
            for (SpoolSegment segment : segments) {
                totalBytes -= segment.dropUnforced();
            }
            for (SpoolSegment segment : segments) {
                segment.truncate();
            }
        } catch (IOException e) {
            LOG.error("{}: bytes that failed to reach the disk cannot be truncated", folder, e);
        }
    }

    private synchronized void write(byte[] payload) throws IOException {
        if (totalBytes + SpoolSegment.HEAD_BYTES + payload.length > maxBytes) {
            throw new FullException(maxBytes);
        }
        if (segments.getLast().size() >= segmentBytes) {
            addSegment(segments.getLast().number() + 1);
        }
        segments.getLast().write(payload);
        totalBytes += SpoolSegment.HEAD_BYTES + payload.length;
    }

    /// Reads the oldest records without removing them.
    ///
    /// @param most the largest number of records to read
    /// @param maxPayload the largest number of bytes to read, unless a single record is larger
    /// @return an empty batch if there are no records
    Batch read(int most, int maxPayload) throws IOException {
        SpoolSegment segment;
        long start;
        long end;
        synchronized (this) {
            // The first file may have no further records, because the rest of the file was truncated.
            removeTaken();
            segment = segments.getFirst();
            start = segment.taken();
            end = segment.forced();
        }
        List<byte[]> payloads = new ArrayList<>();
        long position = start;
        long bytes = 0;
        while (position < end && payloads.size() < most && bytes < maxPayload) {
            byte[] payload = SpoolSegment.readFrame(segment.channel(), position, end);
            if (payload.length == 0) {
                copyDamaged(segment.number(), position);
                position = end;
                break;
            }
            payloads.add(payload);
            position += SpoolSegment.HEAD_BYTES + payload.length;
            bytes += payload.length;
        }
        return new Batch(payloads, segment.number(), position, position > start);
    }

    /// Removes records that were read and are stored elsewhere.
    synchronized void take(Batch batch) throws IOException {
        SpoolSegment segment = segments.getFirst();
        if (segment.number() != batch.segment()) {
            throw new IllegalStateException("batches must be taken in order");
        }
        segment.takeUntil(batch.end());
        removeTaken();
    }

    /// Deletes files whose records were all removed, so that the first file has records if any file has.
    private void removeTaken() throws IOException {
        SpoolSegment first = segments.getFirst();
        while (first.isTaken() && segments.size() > 1) {
            totalBytes -= first.size();
            segments.removeFirst();
            first.channel().close();
            Files.delete(file(first.number()));
            first = segments.getFirst();
        }
        if (first.isTaken() && first.size() > 0) {
            totalBytes -= first.size();
            first.clear();
        }
    }

    /// The size of the spool, including removed records whose file still exists.
    ///
    /// @return bytes on disk
    synchronized long bytes() {
        return totalBytes;
    }

    /// Tests whether the disk accepts writes.
    void probe() throws IOException {
        Path probe = folder.resolve(PROBE);
        try (FileChannel channel = PrivateFiles.open(probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(MIN_SEGMENT_BYTES));
            channel.force(false);
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    @Override
    public void close() throws IOException {
        queue.add(Pending.of(new byte[0]));
        boolean interrupted = Thread.interrupted();
        try {
            writer.join();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            try (DirectoryLock _ = folderLock) {
                for (SpoolSegment segment : segments) {
                    segment.channel().close();
                }
            }
        }
    }
}
