package dev.saiki.s3;

import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/// The upload of a file, in parts if the file is long. An interrupted upload of the same key is resumed, even
/// after the uploading process ended, since the storage keeps the parts.
///
/// The SDK's transfer manager was rejected: it resumes only after a pause that was requested in time, and adds a
/// second HTTP client.
///
/// @param client the client of the storage
/// @param bucket the bucket
/// @param key the object's name, unique to the content
/// @param file file with the content
/// @param bytes number of bytes to upload, from the start of the file
record Upload(S3Client client, String bucket, String key, Path file, long bytes) {

    /// The minimum length of each part except the last. S3 allows 10,000 parts, so parts of a very long file are
    /// longer.
    private static final int PART = 16 << 20;

    private static final int MAX_PARTS = 10_000;

    /// The number of parts that are sent at a time. Each is in memory.
    private static final int SENDERS = 4;

    /// A failure to read the local file.
    static final class UnreadableFileException extends RuntimeException {

        @Serial
        private static final long serialVersionUID = 1L;

        private final IOException failure;

        UnreadableFileException(IOException failure) {
            super(failure);
            this.failure = failure;
        }

        @Override
        public synchronized IOException getCause() {
            return failure;
        }
    }

    /// Uploads the parts that are not in the storage yet.
    ///
    /// @throws UnreadableFileException if the file cannot be read
    void send() {
        if (bytes <= PART) {
            client.putObject(
                    request -> request.bucket(bucket).key(key), RequestBody.fromBytes(content(0, (int) bytes)));
            return;
        }
        String upload = unfinished()
                .orElseGet(() -> client.createMultipartUpload(
                                request -> request.bucket(bucket).key(key))
                        .uploadId());
        List<CompletedPart> parts = sendParts(upload, partsOf(upload));
        client.completeMultipartUpload(request ->
                request.bucket(bucket).key(key).uploadId(upload).multipartUpload(completed -> completed.parts(parts)));
    }

    /// Sends the parts that are missing, several at a time.
    private List<CompletedPart> sendParts(String upload, Map<Integer, Part> there) {
        long length = partLength();
        List<Future<CompletedPart>> sent = new ArrayList<>();
        try (ExecutorService senders =
                Executors.newFixedThreadPool(SENDERS, Thread.ofVirtual().factory())) {
            int number = 1;
            for (long begin = 0; begin < bytes; begin += length, number++) {
                PartRange part = new PartRange(number, begin, (int) Math.min(length, bytes - begin));
                sent.add(senders.submit(() -> send(upload, part, there.get(part.number()))));
            }
            try {
                return sent.stream().map(Upload::completed).toList();
            } finally {
                senders.shutdownNow();
            }
        }
    }

    /// A part of the file.
    ///
    /// @param number the number of the part, from 1
    /// @param begin the position of its first byte
    /// @param bytes its length
    private record PartRange(int number, long begin, int bytes) {}

    private static CompletedPart completed(Future<CompletedPart> sent) {
        try {
            return sent.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("interrupted while a file was uploaded", e);
        }
    }

    private long partLength() {
        return Math.max(PART, (bytes + MAX_PARTS - 1) / MAX_PARTS);
    }

    /// The latest unfinished upload of this key.
    private Optional<String> unfinished() {
        return client.listMultipartUploads(request -> request.bucket(bucket).prefix(key)).uploads().stream()
                .filter(upload -> upload.key().equals(key))
                .max(Comparator.comparing(MultipartUpload::initiated))
                .map(MultipartUpload::uploadId);
    }

    private Map<Integer, Part> partsOf(String upload) {
        Map<Integer, Part> parts = new TreeMap<>();
        client.listPartsPaginator(request -> request.bucket(bucket).key(key).uploadId(upload))
                .parts()
                .forEach(part -> parts.put(part.partNumber(), part));
        return parts;
    }

    private CompletedPart send(String upload, PartRange part, @Nullable Part there) {
        CompletedPart.Builder completed = CompletedPart.builder().partNumber(part.number());
        if (there != null && there.size() == part.bytes()) {
            return completed
                    .eTag(there.eTag())
                    .checksumCRC32(there.checksumCRC32())
                    .build();
        }
        UploadPartResponse sent = client.uploadPart(
                request -> request.bucket(bucket).key(key).uploadId(upload).partNumber(part.number()),
                RequestBody.fromBytes(content(part.begin(), part.bytes())));
        return completed.eTag(sent.eTag()).checksumCRC32(sent.checksumCRC32()).build();
    }

    private byte[] content(long begin, int length) {
        ByteBuffer content = ByteBuffer.allocate(length);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.position(begin);
            while (content.hasRemaining()) {
                if (channel.read(content) < 0) {
                    throw new IOException(file + ": shrank while it was read");
                }
            }
            return content.array();
        } catch (IOException e) {
            throw new UnreadableFileException(e);
        }
    }
}
