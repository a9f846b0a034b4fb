package dev.saiki.text.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataTableTest {

    private static final int MOST = 100;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Path resource(String name) throws IOException {
        try (InputStream input = Objects.requireNonNull(getClass().getResourceAsStream(name))) {
            return Files.write(folder.resolve(name), input.readAllBytes());
        }
    }

    private static void checkNested(List<DataRow> rows) {
        assertThat(rows).hasSize(2);
        DataRow first = rows.getFirst();
        assertThat(first.text("question")).isEqualTo("Which is größer?");
        assertThat(first.row("choices").texts("text")).containsExactly("an ant", "a whale");
        assertThat(first.row("choices").texts("label")).containsExactly("A", "B");
        assertThat(first.wholeNumber("answer")).isEqualTo(1);
        assertThat(first.values()).doesNotContainKey("hint");
        assertThat(rows.get(1).text("hint")).isEqualTo("wings");
        assertThat(rows.get(1).wholeNumber("answerKey")).isEqualTo(2);
    }

    private static final String NESTED = """
            {"question": "Which is größer?", "choices": {"text": ["an ant", "a whale"], "label": ["A", "B"]}, "answerKey": "B", "answer": 1, "hint": null}

            {"question": "Which flies?", "choices": {"text": ["a stone", "a gull", "a ship"], "label": ["1", "2", "3"]}, "answerKey": "2", "answer": 1, "hint": "wings"}
            """;

    @Test
    void parquetAndJsonLinesGiveTheSameRows() throws IOException {
        checkNested(DataTable.read(resource("nested.parquet"), MOST));
        checkNested(DataTable.read(write("nested.jsonl", NESTED), MOST));
        Path packed = folder.resolve("nested.jsonl.gz");
        try (OutputStream output = new GZIPOutputStream(Files.newOutputStream(packed))) {
            output.write(Files.readAllBytes(folder.resolve("nested.jsonl")));
        }
        checkNested(DataTable.read(packed, MOST));
    }

    @Test
    void whatIsNotAsAskedForIsNamedWithItsPlace() throws IOException {
        Path file = write("a.jsonl", "{\"labell\": \"x\", \"list\": [\"a\", 1], \"half\": 0.5}\n");
        DataRow row = DataTable.read(file, MOST).getFirst();
        assertThatThrownBy(() -> row.text("label"))
                .isInstanceOf(InputException.class)
                .hasMessage(file + ":1: no column 'label'; did you mean labell?");
        assertThatThrownBy(() -> row.wholeNumber("labell"))
                .hasMessage(file + ":1: column 'labell' must be a whole number, got the string \"x\"");
        assertThatThrownBy(() -> row.wholeNumber("half")).hasMessageEndingWith("must be a whole number, got 0.5");
        assertThatThrownBy(() -> row.texts("list")).hasMessageEndingWith("must be a list of strings, got a list");
        assertThatThrownBy(() -> row.texts("labell")).hasMessageContaining("must be a list of strings, got the string");
        assertThatThrownBy(() -> row.row("list")).hasMessageEndingWith("must be an object, got a list");
    }

    @Test
    void damagedFilesAndTooLongOnesAreRefused() throws IOException {
        assertThatThrownBy(() -> DataTable.read(folder.resolve("none.jsonl"), MOST))
                .isInstanceOf(InputException.class)
                .hasMessage(folder.resolve("none.jsonl") + ": no such file");
        Path broken = write("broken.jsonl", "{\"a\": 1}\n{\"a\":");
        assertThatThrownBy(() -> DataTable.read(broken, MOST))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(broken + ":2: not valid JSON");
        Path list = write("list.jsonl", "[1]");
        assertThatThrownBy(() -> DataTable.read(list, MOST))
                .hasMessage(list + ":1: each line must be a JSON object, got array");
        Path noTable = write("a.csv", "a,b");
        assertThatThrownBy(() -> DataTable.read(noTable, MOST))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the file must be one that ends in .jsonl");
        Path cut = Files.write(folder.resolve("cut.parquet"), new byte[] {'P', 'A', 'R', '1', 0});
        assertThatThrownBy(() -> DataTable.read(cut, MOST))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("not a readable Parquet file");
        Path two = write("two.jsonl", "{\"a\": 1}\n{\"a\": 2}\n");
        assertThat(DataTable.read(two, 2)).hasSize(2);
        assertThatThrownBy(() -> DataTable.read(two, 1))
                .hasMessage(two + ": the number of rows must be at most 1, got more");
        Path nested = resource("nested.parquet");
        assertThatThrownBy(() -> DataTable.read(nested, 1)).isInstanceOf(InputException.class);
    }
}
