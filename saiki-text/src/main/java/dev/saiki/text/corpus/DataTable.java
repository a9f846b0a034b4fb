package dev.saiki.text.corpus;

import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.io.storage.Storage;
import dev.saiki.text.files.TextInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A table read whole from a file: JSON Lines (also `.gz`, `.zst`) or Parquet, with columns that may be nested.
public final class DataTable {

    /// The file name endings of tables.
    public static final List<String> ENDINGS = List.of(".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet");

    private DataTable() {}

    /// Reads all rows.
    ///
    /// @param given a path with one of the {@link #ENDINGS}
    /// @param maxRows the maximum number of rows
    /// @return the rows, in order
    /// @throws InputException if the file is missing, damaged, not UTF-8, or has more rows
    public static List<DataRow> read(Path given, int maxRows) {
        Path file = Storage.local(given);
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": no such file" + Suggestions.forMissing(file));
        }
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (ENDINGS.stream().noneMatch(name::endsWith)) {
            throw InputException.of(
                    file.toString(), "the file", "one that ends in " + String.join(", ", ENDINGS), "another");
        }
        return name.endsWith(".parquet") ? parquet(file, maxRows) : jsonLines(file, maxRows);
    }

    private static void requireFewer(Path file, int rows, int maxRows) {
        InputException.require(rows < maxRows, file.toString(), "the number of rows", "at most " + maxRows, "more");
    }

    private static List<DataRow> jsonLines(Path file, int maxRows) {
        List<DataRow> rows = new ArrayList<>();
        try (JsonLines lines = new JsonLines(file.toString(), TextInput.open(file))) {
            for (JsonLines.Line line = lines.next(); line != null; line = lines.next()) {
                requireFewer(file, rows.size(), maxRows);
                rows.add(new DataRow(line.where(), valuesOf(line.object())));
            }
        }
        return rows;
    }

    private static Map<String, Object> valuesOf(JsonNode object) {
        Map<String, Object> values = new LinkedHashMap<>();
        object.properties()
                .forEach(field -> valueOf(field.getValue()).ifPresent(value -> values.put(field.getKey(), value)));
        return values;
    }

    private static Optional<Object> valueOf(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> Optional.of(node.stringValue());
            case BOOLEAN -> Optional.of(node.booleanValue());
            case NUMBER ->
                Optional.of(
                        node.canConvertToLong() && node.isIntegralNumber()
                                ? (Object) node.longValue()
                                : (Object) node.numberValue().doubleValue());
            case OBJECT -> Optional.of(valuesOf(node));
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                node.forEach(entry -> list.add(valueOf(entry).orElse(List.of())));
                yield Optional.of(list);
            }
            case NULL, MISSING, BINARY, POJO -> Optional.empty();
        };
    }

    private static List<DataRow> parquet(Path file, int maxRows) {
        List<DataRow> rows = new ArrayList<>();
        StrictUtf8Decoder decoder = new StrictUtf8Decoder(file.toString());
        try (ParquetFileReader reader = ParquetTextReader.open(file);
                RowReader cursor = reader.rowReader()) {
            while (cursor.hasNext()) {
                requireFewer(file, rows.size(), maxRows);
                cursor.next();
                rows.add(new DataRow(file + ":" + (rows.size() + 1), valuesOf(cursor, decoder)));
            }
        } catch (InputException e) {
            throw e;
        } catch (IOException e) {
            throw TextInput.unreadable(file.toString(), e);
        } catch (RuntimeException e) {
            throw ParquetTextReader.damaged(file.toString(), rows.size(), e);
        }
        return rows;
    }

    private static Map<String, Object> valuesOf(StructAccessor struct, StrictUtf8Decoder decoder) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < struct.getFieldCount(); i++) {
            if (!struct.isNull(i)) {
                values.put(struct.getFieldName(i), valueOf(struct.getValue(i), decoder));
            }
        }
        return values;
    }

    private static Object valueOf(Object value, StrictUtf8Decoder decoder) {
        return switch (value) {
            case byte[] bytes -> decoder.decode(bytes, 0, bytes.length, 0);
            case PqStruct struct -> valuesOf(struct, decoder);
            case PqList list -> {
                List<Object> entries = new ArrayList<>();
                for (int i = 0; i < list.size(); i++) {
                    entries.add(list.isNull(i) ? List.of() : valueOf(list.get(i), decoder));
                }
                yield entries;
            }
            case Byte number -> number.longValue();
            case Short number -> number.longValue();
            case Integer number -> number.longValue();
            case Float number -> number.doubleValue();
            case String _, Long _, Double _, Boolean _ -> value;
            default -> value.toString();
        };
    }
}
