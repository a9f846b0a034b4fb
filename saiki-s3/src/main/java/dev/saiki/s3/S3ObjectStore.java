package dev.saiki.s3;

import dev.saiki.io.InputException;
import dev.saiki.io.storage.ObjectContent;
import dev.saiki.io.storage.ObjectStore;
import dev.saiki.io.storage.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// A bucket with S3's protocol.
///
/// The SDK retries failed requests for a while. If the answer to a conditional write is lost, the retry finds its
/// own content in the storage, which counts as success.
final class S3ObjectStore implements ObjectStore {

    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_IMPLEMENTED = 501;

    private static final int MAX_LOST_CONNECTIONS = 20;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final S3Client client;
    private final String bucket;
    private final String endpoint;

    /// @param endpoint the endpoint, which distinguishes storage services whose buckets have the same name
    S3ObjectStore(S3Client client, String bucket, String endpoint) {
        this.client = client;
        this.bucket = bucket;
        this.endpoint = endpoint;
    }

    @Override
    public String identity() {
        return endpoint + " " + bucket;
    }

    @Override
    public List<StoredObject> list(String prefix) throws IOException {
        return ask(
                prefix,
                () ->
                        client
                                .listObjectsV2Paginator(
                                        request -> request.bucket(bucket).prefix(prefix))
                                .contents()
                                .stream()
                                .map(object -> new StoredObject(object.key(), object.size(), object.eTag()))
                                .toList());
    }

    @Override
    public Optional<StoredObject> find(String key) throws IOException {
        return unlessAbsent(key, () -> {
            HeadObjectResponse head =
                    client.headObject(request -> request.bucket(bucket).key(key));
            return new StoredObject(key, head.contentLength(), head.eTag());
        });
    }

    @Override
    public Optional<ObjectContent> read(String key) throws IOException {
        return unlessAbsent(key, () -> {
            ResponseBytes<GetObjectResponse> answer =
                    client.getObjectAsBytes(request -> request.bucket(bucket).key(key));
            GetObjectResponse head = answer.response();
            Instant now = head.sdkHttpResponse()
                    .firstMatchingHeader("Date")
                    .map(date -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)))
                    .orElseGet(head::lastModified);
            return new ObjectContent(answer.asUtf8String(), head.eTag(), Duration.between(head.lastModified(), now));
        });
    }

    @Override
    public void fetch(StoredObject object, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            int lost = 0;
            // An empty object is requested too, since it may have been deleted.
            for (boolean first = true; first || channel.position() < object.bytes(); first = false) {
                long begin = channel.position();
                try {
                    fetchFrom(begin, object, channel);
                    if (channel.position() == begin && object.bytes() > begin) {
                        throw new IOException(
                                place(object.key()) + ": ends after " + begin + " of " + object.bytes() + " bytes");
                    }
                } catch (LostConnectionException e) {
                    if (++lost > MAX_LOST_CONNECTIONS) {
                        throw e;
                    }
                    pause(PAUSE.multipliedBy(lost));
                }
            }
            channel.force(true);
        }
    }

    private void fetchFrom(long begin, StoredObject object, FileChannel channel) throws IOException {
        Consumer<GetObjectRequest.Builder> request = get -> {
            get.bucket(bucket).key(object.key());
            if (begin > 0) {
                get.range("bytes=" + begin + "-");
            }
            if (!object.version().isEmpty()) {
                get.ifMatch(object.version());
            }
        };
        try (InputStream content = client.getObject(request)) {
            copy(content, channel);
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND || e.statusCode() == PRECONDITION_FAILED) {
                NoSuchFileException gone = new NoSuchFileException(place(object.key()));
                gone.initCause(e);
                throw gone;
            }
            throw failure(object.key(), e);
        } catch (SdkClientException e) {
            throw lost(object.key(), e);
        }
    }

    /// Copies content to a file. Distinguishes failures of the storage, which are retried, from failures to write
    /// the file.
    private void copy(InputStream content, FileChannel channel) throws IOException {
        byte[] buffer = new byte[1 << 16];
        while (true) {
            int read;
            try {
                read = content.read(buffer);
            } catch (IOException e) {
                throw new LostConnectionException("the connection was lost: " + e.getMessage(), e);
            }
            if (read < 0) {
                return;
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private LostConnectionException lost(String key, SdkException e) {
        // Throws an exception at once if a retry cannot help.
        IOException failure = failure(key, e);
        return new LostConnectionException(String.valueOf(failure.getMessage()), e);
    }

    private static void pause(Duration length) throws IOException {
        try {
            Thread.sleep(length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the storage", e);
        }
    }

    @Override
    public Optional<String> create(String key, String text) throws IOException {
        return write(key, text, request -> request.ifNoneMatch("*"));
    }

    @Override
    public Optional<String> replace(String key, String text, String version) throws IOException {
        return write(key, text, request -> request.ifMatch(version));
    }

    private Optional<String> write(String key, String text, Consumer<PutObjectRequest.Builder> condition)
            throws IOException {
        return ask(key, () -> {
            try {
                return Optional.of(client.putObject(
                                request -> {
                                    request.bucket(bucket).key(key).contentType("text/plain; charset=utf-8");
                                    condition.accept(request);
                                },
                                RequestBody.fromBytes(text.getBytes(StandardCharsets.UTF_8)))
                        .eTag());
            } catch (S3Exception e) {
                // 409: another write was in progress. 404: the object to replace has been deleted.
                if (e.statusCode() != PRECONDITION_FAILED
                        && e.statusCode() != CONFLICT
                        && e.statusCode() != NOT_FOUND) {
                    throw e;
                }
                if ("NoSuchBucket".equals(codeOf(e))) {
                    throw e;
                }
                return written(key, text);
            }
        });
    }

    /// Returns the version of the object if it has exactly this content: then an earlier attempt, whose answer was
    /// lost, has written it.
    private Optional<String> written(String key, String text) {
        try {
            return read(key).filter(there -> there.text().equals(text)).map(ObjectContent::version);
        } catch (IOException e) {
            throw SdkClientException.create(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void upload(String key, Path file, long bytes) throws IOException {
        if (find(key).filter(there -> there.bytes() == bytes).isPresent()) {
            return;
        }
        ask(key, () -> {
            new Upload(client, bucket, key, file, bytes).send();
            return key;
        });
    }

    @Override
    public void delete(String key) throws IOException {
        ask(key, () -> client.deleteObject(request -> request.bucket(bucket).key(key)));
    }

    @Override
    public void abortUploads(String prefix) throws IOException {
        ask(prefix, () -> {
            client.listMultipartUploadsPaginator(
                            request -> request.bucket(bucket).prefix(prefix))
                    .uploads()
                    .forEach(upload -> client.abortMultipartUpload(
                            request -> request.bucket(bucket).key(upload.key()).uploadId(upload.uploadId())));
            return prefix;
        });
    }

    private <T> Optional<T> unlessAbsent(String key, Supplier<T> request) throws IOException {
        return ask(key, () -> {
            try {
                return Optional.of(request.get());
            } catch (S3Exception e) {
                if (e.statusCode() == NOT_FOUND && !"NoSuchBucket".equals(codeOf(e))) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /// Retries a request that is safe to repeat. The SDK retries requests without an answer, but not those
    /// with a truncated answer, such as an incomplete list.
    private <T> T ask(String key, Supplier<T> request) throws IOException {
        for (int lost = 1; ; lost++) {
            try {
                return request.get();
            } catch (S3Exception e) {
                throw failure(key, e);
            } catch (SdkException e) {
                IOException failure = failure(key, e);
                if (e.getCause() instanceof IOException || lost > MAX_LOST_CONNECTIONS) {
                    throw failure;
                }
                pause(PAUSE.multipliedBy(lost));
            } catch (Upload.UnreadableFileException e) {
                throw e.getCause();
            }
        }
    }

    private String place(String key) {
        return "s3://" + bucket + (key.isEmpty() ? "" : "/" + key);
    }

    /// Translates a failure for the caller.
    ///
    /// @throws InputException if the user can fix the problem
    private IOException failure(String key, SdkException e) {
        if (e instanceof S3Exception refusal) {
            if ("NoSuchBucket".equals(codeOf(refusal))) {
                throw new InputException("s3://" + bucket + ": no such bucket at this endpoint", e);
            }
            if (refusal.statusCode() == NOT_IMPLEMENTED) {
                throw new InputException(
                        place(key) + ": this storage cannot do what Saiki needs (" + codeOf(refusal)
                                + "); use a storage with conditional writes and uploads in parts",
                        e);
            }
            if (refusal.statusCode() == FORBIDDEN) {
                throw new InputException(
                        place(key) + ": these credentials have no permission (" + codeOf(refusal) + ")", e);
            }
            return new IOException(
                    place(key) + ": the storage answered " + refusal.statusCode() + " " + codeOf(refusal), e);
        }
        String message = String.valueOf(e.getMessage());
        if (message.contains("Unable to load credentials")) {
            throw new InputException(
                    place(key) + ": no credentials for this storage; set AWS_ACCESS_KEY_ID and"
                            + " AWS_SECRET_ACCESS_KEY, or a profile in ~/.aws",
                    e);
        }
        return new IOException(place(key) + ": the storage does not answer (" + message + ")", e);
    }

    private static String codeOf(S3Exception e) {
        return e.awsErrorDetails() == null
                ? ""
                : String.valueOf(e.awsErrorDetails().errorCode());
    }

    /// A lost connection, after which the transfer can resume.
    private static final class LostConnectionException extends IOException {

        private static final long serialVersionUID = 1L;

        LostConnectionException(String message, Exception cause) {
            super(message, cause);
        }
    }
}
