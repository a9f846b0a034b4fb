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
import org.jspecify.annotations.Nullable;
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
        Map<Integer, Part> there = partsOf(upload);
        long length = partLength();
        List<CompletedPart> parts = new ArrayList<>();
        int number = 1;
        for (long begin = 0; begin < bytes; begin += length, number++) {
            int partBytes = (int) Math.min(length, bytes - begin);
            parts.add(part(upload, number, begin, partBytes, there.get(number)));
        }
        client.completeMultipartUpload(request ->
                request.bucket(bucket).key(key).uploadId(upload).multipartUpload(completed -> completed.parts(parts)));
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

    private CompletedPart part(String upload, int number, long begin, int partBytes, @Nullable Part there) {
        CompletedPart.Builder completed = CompletedPart.builder().partNumber(number);
        if (there != null && there.size() == partBytes) {
            return completed
                    .eTag(there.eTag())
                    .checksumCRC32(there.checksumCRC32())
                    .build();
        }
        UploadPartResponse sent = client.uploadPart(
                request -> request.bucket(bucket).key(key).uploadId(upload).partNumber(number),
                RequestBody.fromBytes(content(begin, partBytes)));
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
