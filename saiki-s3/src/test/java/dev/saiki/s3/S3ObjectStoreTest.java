package dev.saiki.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.io.storage.ObjectContent;
import dev.saiki.io.storage.ObjectStore;
import dev.saiki.io.storage.StoredObject;
import dev.saiki.testkit.FaultyNetwork;
import dev.saiki.testkit.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/// The store with an S3-compatible server, also over a faulty network.
class S3ObjectStoreTest {

    private static final int PART = 16 << 20;

    @TempDir
    static Path folder = Path.of("");

    private static S3Server server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(folder.resolve("objects"));
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @Test
    void smallObjectsAreWrittenOnceAndReplacedKnowingly() throws IOException {
        ObjectStore store = store();
        assertThat(store.read("small/text")).isEmpty();
        String first = store.create("small/text", "one").orElseThrow();
        assertThat(store.create("small/text", "two")).as("there is one").isEmpty();
        assertThat(store.replace("small/text", "two", "\"0123\""))
                .as("another version")
                .isEmpty();
        String second = store.replace("small/text", "two", first).orElseThrow();
        assertThat(store.replace("small/text", "three", first))
                .as("the old version")
                .isEmpty();
        ObjectContent content = store.read("small/text").orElseThrow();
        assertThat(content.text()).isEqualTo("two");
        assertThat(content.version()).isEqualTo(second);
        assertThat(content.age()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
        store.delete("small/text");
        store.delete("small/text");
        assertThat(store.find("small/text")).isEmpty();
        assertThat(store.replace("small/text", "four", second))
                .as("nothing is there")
                .isEmpty();
    }

    @Test
    void listsAreInOrderAndWhole() throws IOException {
        ObjectStore store = store();
        for (String key : List.of("list/b", "list/a/1", "list/a/2", "listed")) {
            store.create(key, key);
        }
        assertThat(store.list("list/").stream().map(StoredObject::key))
                .containsExactly("list/a/1", "list/a/2", "list/b");
        assertThat(store.list("nowhere/")).isEmpty();
    }

    @Test
    void aLongFileGoesInPartsAndComesBack() throws IOException {
        Path file = random("long", 5 * PART + 12_345);
        ObjectStore store = store();
        store.upload("long/file", file, Files.size(file));
        StoredObject object = store.find("long/file").orElseThrow();
        assertThat(object.bytes()).isEqualTo(Files.size(file));
        Path copy = folder.resolve("copy");
        store.fetch(object, copy);
        assertThat(Sha256.hex(copy)).isEqualTo(Sha256.hex(file));
    }

    @Test
    void anInterruptedUploadGoesOnWithThePartsThatAreThere() throws IOException {
        Path file = random("interrupted", 3 * PART);
        byte[] content = Files.readAllBytes(file);
        try (S3Client client = client(server.endpoint())) {
            String upload = client.createMultipartUpload(
                            request -> request.bucket(S3Server.BUCKET).key("interrupted"))
                    .uploadId();
            for (int part = 1; part <= 2; part++) {
                int number = part;
                byte[] bytes = Arrays.copyOfRange(content, (part - 1) * PART, part * PART);
                client.uploadPart(
                        request -> request.bucket(S3Server.BUCKET)
                                .key("interrupted")
                                .uploadId(upload)
                                .partNumber(number),
                        RequestBody.fromBytes(bytes));
            }
            // A file whose first parts cannot be read any more shows that they are not sent again.
            byte[] rest = content.clone();
            Arrays.fill(rest, 0, 2 * PART, (byte) 0);
            Path damaged = Files.write(folder.resolve("damaged"), rest);
            store().upload("interrupted", damaged, rest.length);
        }
        Path copy = folder.resolve("interrupted-copy");
        store().fetch(store().find("interrupted").orElseThrow(), copy);
        assertThat(Sha256.hex(copy)).isEqualTo(Sha256.hex(file));
    }

    @Test
    void unfinishedUploadsBelowAPrefixAreRemoved() throws IOException {
        try (S3Client client = client(server.endpoint())) {
            for (String key : List.of("abandoned/one", "abandoned/two", "kept/three")) {
                client.createMultipartUpload(
                        request -> request.bucket(S3Server.BUCKET).key(key));
            }
            store().abortUploads("abandoned/");
            assertThat(client.listMultipartUploads(request -> request.bucket(S3Server.BUCKET))
                            .uploads())
                    .extracting(MultipartUpload::key)
                    .containsExactly("kept/three");
            store().abortUploads("kept/");
        }
    }

    @Test
    void anObjectThatIsGoneOrReplacedIsNotFetched() throws IOException {
        ObjectStore store = store();
        store.create("gone", "text");
        StoredObject object = store.find("gone").orElseThrow();
        store.replace("gone", "other", object.version());
        assertThatThrownBy(() -> store.fetch(object, folder.resolve("gone"))).isInstanceOf(NoSuchFileException.class);
        store.delete("gone");
        assertThatThrownBy(() -> store.fetch(object, folder.resolve("gone"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aBadNetworkLosesNothing() throws IOException {
        Path file = random("bad", PART + 77);
        try (FaultyNetwork network = FaultyNetwork.before(server.port(), 0.4, Duration.ofMillis(300), 22)) {
            ObjectStore store = new S3ObjectStore(patientClient(network.endpoint()), S3Server.BUCKET, "bad");
            for (int i = 0; i < 15; i++) {
                Optional<String> version = store.create("bad/" + i, "text " + i);
                assertThat(version).as("written once, and known to be").isPresent();
                assertThat(store.replace("bad/" + i, "new " + i, version.get())).isPresent();
            }
            store.upload("bad/file", file, Files.size(file));
            Path copy = folder.resolve("bad-copy");
            store.fetch(store.find("bad/file").orElseThrow(), copy);
            assertThat(Sha256.hex(copy)).isEqualTo(Sha256.hex(file));
            for (int i = 0; i < 40; i++) {
                assertThat(store.list("bad/"))
                        .as("lists, some of which are cut off")
                        .hasSize(16);
            }
            assertThat(network.numFaults()).isGreaterThan(10);
        }
    }

    @Test
    void whatTheUserCanPutRightIsSaid() {
        ObjectStore nowhere = new S3ObjectStore(client(server.endpoint()), "no-such-bucket", "test");
        assertThatThrownBy(() -> nowhere.list(""))
                .isInstanceOf(InputException.class)
                .hasMessage("s3://no-such-bucket: no such bucket at this endpoint");
        assertThatThrownBy(() -> nowhere.read("a"))
                .isInstanceOf(InputException.class)
                .hasMessage("s3://no-such-bucket: no such bucket at this endpoint");
        assertThatThrownBy(() -> nowhere.create("a", "a"))
                .isInstanceOf(InputException.class)
                .hasMessage("s3://no-such-bucket: no such bucket at this endpoint");
        ObjectStore closed = new S3ObjectStore(client("http://127.0.0.1:1"), S3Server.BUCKET, "test");
        assertThatThrownBy(() -> closed.list(""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("s3://" + S3Server.BUCKET + ": the storage does not answer")
                .hasMessageNotContaining(S3Server.SECRET_KEY);
    }

    private static Path random(String name, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(folder.resolve(name), content);
    }

    private static ObjectStore store() {
        return new S3ObjectStore(client(server.endpoint()), S3Server.BUCKET, "test");
    }

    private static S3Client client(String endpoint) {
        return S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(S3Server.ACCESS_KEY, S3Server.SECRET_KEY)))
                .build();
    }

    /// A client with the commands' settings.
    private static S3Client patientClient(String endpoint) {
        return S3Provider.settings(S3Client.builder(), true)
                .endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(S3Server.ACCESS_KEY, S3Server.SECRET_KEY)))
                .build();
    }
}
