package dev.saiki.text.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.Mutations;
import dev.saiki.text.tokenizer.TextChunks;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.text.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenDatasetTest {

    private static final Tokenizer BYTES = Datasets.bytes();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private TokenDataset prepare(List<Document> documents, PrepareOptions options) throws IOException {
        return TokenDataset.prepare(Corpus.ofDocuments("test", documents), BYTES, folder.resolve("data"), options);
    }

    private static List<String> texts(TokenShards shards) {
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < shards.documents(); i++) {
            int[] ids = shards.document(i);
            assertThat(ids[ids.length - 1]).isEqualTo(shards.endOfTextId());
            String text = BYTES.decode(Arrays.copyOf(ids, ids.length - 1));
            texts.add(text);
        }
        assertThat(shards.textBytes()).isEqualTo(String.join("", texts).getBytes(StandardCharsets.UTF_8).length);
        return texts;
    }

    @Test
    void everyDocumentIsInExactlyOneSplitAndInOrder() throws IOException {
        List<Document> documents = Datasets.documents(200, 30, 1);
        TokenDataset dataset = prepare(documents, PrepareOptions.defaults());
        List<String> train = texts(dataset.train());
        List<String> validation = texts(dataset.validation());
        Set<String> held = new HashSet<>(validation);
        List<String> all = documents.stream().map(Document::text).toList();
        assertThat(train)
                .isEqualTo(all.stream().filter(text -> !held.contains(text)).toList());
        assertThat(validation).isEqualTo(all.stream().filter(held::contains).toList());
    }

    @Test
    void theCountsAreThoseOfTheText() throws IOException {
        List<Document> documents = Datasets.documents(50, 30, 2);
        TokenDataset dataset = prepare(documents, PrepareOptions.defaults());
        long bytes = documents.stream()
                .mapToLong(document -> document.text().getBytes(StandardCharsets.UTF_8).length)
                .sum();
        assertThat(dataset.train().textBytes() + dataset.validation().textBytes())
                .isEqualTo(bytes);
        assertThat(dataset.train().tokens() + dataset.validation().tokens()).isEqualTo(bytes + documents.size());
        assertThat(dataset.vocabSize()).isEqualTo(257);
        assertThat(dataset.tokenizer().hash()).isEqualTo(BYTES.hash()).isEqualTo(dataset.tokenizerHash());
        assertThat(dataset.isTailHeldOut()).isFalse();
    }

    @Test
    void theShareHeldOutIsAboutTheWantedOne() throws IOException {
        for (double fraction : new double[] {0.01, 0.05, 0.2, 0.5}) {
            TokenDataset dataset = prepare(
                    Datasets.documents(400, 30, 3),
                    PrepareOptions.defaults().withValidationFraction(fraction).withSeed(9));
            double held = dataset.validation().tokens();
            assertThat(held / (held + dataset.train().tokens())).isCloseTo(fraction, within(0.1 * fraction + 0.002));
        }
    }

    @Test
    void theChoiceDependsOnSeedAndTextAndNotOnOrder() throws IOException {
        List<Document> documents = new ArrayList<>(Datasets.documents(100, 30, 4));
        PrepareOptions options = PrepareOptions.defaults().withValidationFraction(0.2);
        Set<String> first = new HashSet<>(texts(prepare(documents, options).validation()));
        Collections.shuffle(documents, new Random(1));
        assertThat(new HashSet<>(texts(prepare(documents, options).validation())))
                .isEqualTo(first);
        assertThat(new HashSet<>(texts(prepare(documents, options.withSeed(1)).validation())))
                .isNotEqualTo(first);
    }

    @Test
    void copiesOfATextAreOnTheSameSide() throws IOException {
        List<Document> documents = new ArrayList<>();
        for (Document document : Datasets.documents(60, 20, 5)) {
            documents.add(document);
            documents.add(new Document("copy", document.text()));
        }
        TokenDataset dataset = prepare(documents, PrepareOptions.defaults().withValidationFraction(0.3));
        assertThat(texts(dataset.train())).doesNotContainAnyElementsOf(texts(dataset.validation()));
    }

    @Test
    void bothSplitsHaveADocumentHoweverFewThereAre() throws IOException {
        for (int count = 2; count <= 6; count++) {
            for (long seed = 0; seed < 20; seed++) {
                TokenDataset dataset = prepare(
                        Datasets.documents(count, 40, seed),
                        PrepareOptions.defaults().withSeed(seed).withValidationFraction(seed % 2 == 0 ? 0.01 : 0.5));
                assertThat(dataset.validation().documents()).as("seed %d", seed).isBetween(1L, count - 1L);
            }
        }
        Document same = new Document("same", "twice the same text");
        TokenDataset dataset = prepare(List.of(same, same), PrepareOptions.defaults());
        assertThat(dataset.validation().documents()).isEqualTo(1);
    }

    @Test
    void theEndOfASingleDocumentIsHeldOut() throws IOException {
        String text = "Only one document, größer than nothing. ".repeat(20);
        TokenDataset dataset = prepare(
                List.of(new Document("one", text)), PrepareOptions.defaults().withValidationFraction(0.1));
        assertThat(dataset.isTailHeldOut()).isTrue();
        assertThat(texts(dataset.train()).getFirst()
                        + texts(dataset.validation()).getFirst())
                .isEqualTo(text);
        assertThat(dataset.validation().tokens()).isBetween(70L, 100L);
        assertThat(Files.readString(folder.resolve("data/dataset.json"))).contains("tail_of_single_document");
    }

    @Test
    void shardsAreClosedWhenTheyAreFull() throws IOException {
        List<Document> documents = Datasets.documents(100, 30, 6);
        TokenDataset whole = prepare(documents, PrepareOptions.defaults());
        List<String> train = texts(whole.train());
        int[] ids = new int[(int) whole.train().tokens()];
        whole.train().copy(0, ids);
        TokenDataset parted = prepare(documents, new PrepareOptions(0.05, 0, 1_000));
        assertThat(folder.resolve("data/train-00002.bin")).exists();
        assertThat(texts(parted.train())).isEqualTo(train);
        int[] again = new int[ids.length];
        parted.train().copy(0, again);
        assertThat(again).isEqualTo(ids);
    }

    @Test
    void partsOfALongDocumentAreJoinedAgain() throws IOException {
        String text = "A line of text that is repeated.\n".repeat(3 * TextChunks.CHARACTERS / 30);
        List<Document> documents = List.of(new Document("long", text), new Document("short", "short"));
        TokenDataset dataset = prepare(documents, PrepareOptions.defaults());
        assertThat(texts(dataset.train())).containsExactly(text);
        assertThat(texts(dataset.validation())).containsExactly("short");
    }

    @Test
    void surrogatesWithoutPartnerAreCountedAsTheyAreEncoded() throws IOException {
        List<Document> documents = List.of(new Document("a", "x\uD83Dy"), new Document("b", "longer text"));
        TokenDataset dataset = prepare(documents, PrepareOptions.defaults());
        assertThat(texts(dataset.validation())).containsExactly("x\uFFFDy");
    }

    @Test
    void theSameInputGivesTheSameBytes() throws IOException {
        List<Document> documents = Datasets.documents(100, 30, 7);
        TokenDataset first = prepare(documents, PrepareOptions.defaults());
        byte[] shard = Files.readAllBytes(folder.resolve("data/train-00000.bin"));
        TokenDataset second = prepare(documents, PrepareOptions.defaults());
        assertThat(second.dataHash()).isEqualTo(first.dataHash());
        assertThat(Files.readAllBytes(folder.resolve("data/train-00000.bin"))).isEqualTo(shard);
        assertThat(prepare(documents.subList(1, 100), PrepareOptions.defaults()).dataHash())
                .isNotEqualTo(first.dataHash());
    }

    @Test
    void nothingIsLeftBesideTheDataset() throws IOException {
        prepare(Datasets.documents(10, 10, 8), PrepareOptions.defaults());
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("data"));
        }
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            assertThat(files)
                    .extracting(file -> String.valueOf(file.getFileName()))
                    .containsExactlyInAnyOrder(
                            "dataset.json", "tokenizer.json", "train-00000.bin", "validation-00000.bin");
        }
    }

    @Test
    void aFailureLeavesTheOldDatasetAsItWas() throws IOException {
        TokenDataset first = prepare(Datasets.documents(10, 10, 9), PrepareOptions.defaults());
        assertThatThrownBy(() -> prepare(List.of(new Document("a", "")), PrepareOptions.defaults()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the corpus is empty");
        assertThat(TokenDataset.open(folder.resolve("data")).dataHash()).isEqualTo(first.dataHash());
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("data"));
        }
    }

    @Test
    void aLargeVocabularyTakesFourBytesAnId() throws IOException {
        String json = Tokenizers.json(List.of("a b", "ab c")).replace("\"abc\" : 258", "\"abc\" : 70000");
        Tokenizer wide = Tokenizer.parse(json.getBytes(StandardCharsets.UTF_8), "wide");
        Corpus corpus = Corpus.ofDocuments("test", List.of(new Document("1", "abcabc"), new Document("2", "ab")));
        TokenDataset dataset = TokenDataset.prepare(corpus, wide, folder.resolve("wide"), PrepareOptions.defaults());
        assertThat(dataset.train().document(0)).containsExactly(70_000, 70_000, 0);
        assertThat(dataset.validation().document(0)).containsExactly(257, 0);
    }

    @Test
    void aFolderWithOtherFilesIsNotReplaced() throws IOException {
        Path other = Files.createDirectory(folder.resolve("data"));
        Files.writeString(other.resolve("thesis.txt"), "years of work");
        assertThatThrownBy(() -> prepare(Datasets.documents(10, 10, 9), PrepareOptions.defaults()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got a folder with other files");
        assertThat(other.resolve("thesis.txt")).exists();
    }

    @Test
    void twoRunsIntoOneFolderAreRefused() throws IOException {
        try (DirectoryLock _ = DirectoryLock.acquire(folder.resolve("data.lock"))) {
            assertThatThrownBy(() -> prepare(Datasets.documents(10, 10, 9), PrepareOptions.defaults()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("another run");
        }
    }

    @Test
    void aCorpusThatIsTooShortIsRefused() {
        assertThatThrownBy(() -> prepare(List.of(new Document("a", "x")), PrepareOptions.defaults()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at least two tokens");
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        for (double fraction : new double[] {0, -1, 0.51, Double.NaN}) {
            assertThatThrownBy(() -> PrepareOptions.defaults().withValidationFraction(fraction))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("validation_fraction must be above 0 and at most 0.5, got " + fraction);
        }
        assertThatThrownBy(() -> new PrepareOptions(0.1, 0, 0)).isInstanceOf(InputException.class);
    }

    @Test
    void filesThatDoNotBelongTogetherAreRefused() throws IOException {
        TokenDataset dataset = prepare(Datasets.documents(20, 10, 10), PrepareOptions.defaults());
        Path data = folder.resolve("data");
        Tokenizer other = Tokenizers.small();
        assertThatThrownBy(() -> dataset.requireTokenizer(other, "model"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("model: the tokenizer must be the one");
        other.save(data.resolve("tokenizer.json"));
        assertThatThrownBy(dataset::tokenizer).isInstanceOf(InputException.class);
        dataset.requireVocabSize(257, "model");
        assertThatThrownBy(() -> dataset.requireVocabSize(256, "model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("vocab_size must be at least 257");
        Files.copy(
                data.resolve("validation-00000.bin"),
                data.resolve("train-00000.bin"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> TokenDataset.open(data))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("dataset.json says");
        Files.delete(data.resolve("validation-00000.bin"));
        assertThatThrownBy(() -> TokenDataset.open(data)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> TokenDataset.open(folder.resolve("none")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such folder");
    }

    @Test
    void aMutatedDescriptionIsReadOrRefused() throws IOException {
        prepare(Datasets.documents(20, 10, 11), PrepareOptions.defaults());
        Path description = folder.resolve("data/dataset.json");
        byte[] valid = Files.readAllBytes(description);
        for (long seed = 0; seed < 1_000; seed++) {
            Files.write(description, Mutations.bytes(valid, new Random(seed)));
            try {
                TokenDataset.open(folder.resolve("data"));
            } catch (InputException refused) {
                assertThat(refused).hasMessageContaining(folder.toString());
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + " broke the reader", e);
            }
        }
        String hostile = new String(valid, StandardCharsets.UTF_8).replace("train-00000.bin", "../../etc/passwd");
        Files.writeString(description, hostile);
        assertThatThrownBy(() -> TokenDataset.open(folder.resolve("data")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train.shards");
    }
}
