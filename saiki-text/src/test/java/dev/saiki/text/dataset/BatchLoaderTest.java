package dev.saiki.text.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BatchLoaderTest {

    private static final int LENGTH = 16;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static TokenShards train;

    @BeforeAll
    static void prepare() throws IOException {
        Corpus corpus = Corpus.ofDocuments("test", Datasets.documents(100, 20, 1));
        train = TokenDataset.prepare(corpus, Datasets.bytes(), folder.resolve("data"), new PrepareOptions(0.05, 0, 500))
                .train();
    }

    private static BatchLoader loader(long seed, LoaderPosition from) {
        return new BatchLoader(train, LENGTH, seed, from);
    }

    private static List<String> rows(BatchLoader loader, int count) {
        List<String> rows = new ArrayList<>();
        for (int[] row : loader.next(count)) {
            rows.add(Arrays.toString(row));
        }
        return rows;
    }

    @Test
    void rowsArePackedDocumentsThatShareOneIdWithTheNext() {
        int[] all = new int[(int) train.tokens()];
        train.copy(0, all);
        long rows = train.rows(LENGTH);
        assertThat(rows).isEqualTo((all.length - 1) / LENGTH);
        for (int row = 0; row < rows; row++) {
            assertThat(train.row(LENGTH, row))
                    .as("row %d", row)
                    .isEqualTo(Arrays.copyOfRange(all, row * LENGTH, row * LENGTH + LENGTH + 1));
        }
        List<Integer> joined = new ArrayList<>();
        for (long document = 0; document < train.documents(); document++) {
            for (int id : train.document(document)) {
                joined.add(id);
            }
        }
        assertThat(joined).isEqualTo(Arrays.stream(all).boxed().toList());
    }

    @Test
    void anEpochGivesEveryRowOnce() {
        BatchLoader loader = loader(7, LoaderPosition.START);
        int rows = (int) loader.rowsPerEpoch();
        List<String> expected = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            expected.add(Arrays.toString(train.row(LENGTH, row)));
        }
        List<String> first = rows(loader, rows);
        assertThat(first).containsExactlyInAnyOrderElementsOf(expected).isNotEqualTo(expected);
        assertThat(loader.position()).isEqualTo(new LoaderPosition(1, 0));
        List<String> second = rows(loader, rows);
        assertThat(second).containsExactlyInAnyOrderElementsOf(expected).isNotEqualTo(first);
    }

    @Test
    void theOrderDependsOnTheSeed() {
        assertThat(rows(loader(1, LoaderPosition.START), 50)).isEqualTo(rows(loader(1, LoaderPosition.START), 50));
        assertThat(rows(loader(1, LoaderPosition.START), 50)).isNotEqualTo(rows(loader(2, LoaderPosition.START), 50));
    }

    @Test
    void goingOnFromAnyPositionGivesTheSameRows() {
        int rows = (int) train.rows(LENGTH);
        int total = rows * 2 + 20;
        List<String> undisturbed = rows(loader(3, LoaderPosition.START), total);
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<String> resumed = new ArrayList<>();
            LoaderPosition position = LoaderPosition.START;
            while (resumed.size() < total) {
                BatchLoader loader = loader(3, position);
                resumed.addAll(rows(loader, Math.min(total - resumed.size(), 1 + random.nextInt(rows))));
                position = loader.position();
            }
            assertThat(resumed).as("seed %d", seed).isEqualTo(undisturbed);
        }
    }

    @Test
    void aBatchMayReachOverTheEndOfAnEpoch() {
        int rows = (int) train.rows(LENGTH);
        BatchLoader loader = loader(3, new LoaderPosition(4, rows - 2));
        assertThat(loader.next(5)).hasNumberOfRows(5);
        assertThat(loader.position()).isEqualTo(new LoaderPosition(5, 3));
    }

    @Test
    void aSplitThatFillsNoRowIsRefused() {
        int length = (int) train.tokens();
        assertThat(new BatchLoader(train, length - 1, 0, LoaderPosition.START).rowsPerEpoch())
                .isEqualTo(1);
        assertThatThrownBy(() -> new BatchLoader(train, length, 0, LoaderPosition.START))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must have more than " + length + " tokens");
        assertThatThrownBy(() -> new BatchLoader(train, 0, 0, LoaderPosition.START))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("sequence length");
    }

    @Test
    void aPositionOutsideTheDataIsRefused() {
        long rows = train.rows(LENGTH);
        assertThatThrownBy(() -> loader(0, new LoaderPosition(0, rows)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("below " + rows);
        assertThatThrownBy(() -> new LoaderPosition(-1, 0)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> new LoaderPosition(0, -1)).isInstanceOf(InputException.class);
    }
}
