package dev.saiki.text.corpus;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import dev.hardwood.schema.FileSchema;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.text.files.TextInput;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A reader of one column of a Parquet file, one document per row; a row without a value is an empty document.
final class ParquetTextReader implements DocumentSource.Cursor {

    private final String name;
    private final String column;
    private final ParquetFileReader file;
    private final RowReader rows;
    private final StrictUtf8Decoder decoder;
    private long row;

    /// Opens a file.
    ///
    /// @param path the file
    /// @param column the column that holds the text
    ParquetTextReader(Path path, String column) {
        name = path.toString();
        this.column = column;
        decoder = new StrictUtf8Decoder(name);
        file = open(path);
        boolean ready = false;
        try {
            checkColumn(file.getFileSchema());
            rows = file.buildRowReader()
                    .projection(ColumnProjection.columns(column))
                    .build();
            ready = true;
        } catch (InputException e) {
            throw e;
        } catch (RuntimeException e) {
            throw damaged(e);
        } finally {
            if (!ready) {
                TextInput.close(file::close, name);
            }
        }
    }

    static ParquetFileReader open(Path path) {
        try {
            return ParquetFileReader.open(InputFile.of(path));
        } catch (IOException | RuntimeException e) {
            throw new InputException(path + ": not a readable Parquet file: " + e.getMessage(), e);
        }
    }

    private void checkColumn(FileSchema schema) {
        ColumnSchema found = schema.getColumns().stream()
                .filter(candidate -> candidate.name().equals(column))
                .findFirst()
                .orElseThrow(() -> new InputException(name + ": no column '" + column + "'"
                        + Suggestions.hint(
                                column,
                                schema.getColumns().stream()
                                        .map(ColumnSchema::name)
                                        .toList())
                        + "; --text-field names another"));
        if (found.type() != PhysicalType.BYTE_ARRAY || found.maxRepetitionLevel() > 0) {
            throw InputException.of(name, "column '" + column + "'", "a column of strings", found.type());
        }
    }

    @Override
    public @Nullable Document next() {
        byte[] bytes;
        try {
            if (!rows.hasNext()) {
                return null;
            }
            rows.next();
            bytes = rows.isNull(column) ? new byte[0] : rows.getBinary(column);
        } catch (RuntimeException e) {
            throw damaged(e);
        }
        row++;
        return new Document(name + ":" + row, text(bytes));
    }

    private String text(byte[] bytes) {
        try {
            return decoder.decode(bytes, 0, bytes.length, 0);
        } catch (InputException e) {
            throw new InputException(name + ", row " + row + ": column '" + column + "' must be UTF-8 text", e);
        }
    }

    private InputException damaged(RuntimeException cause) {
        return damaged(name, row, cause);
    }

    static InputException damaged(String name, long row, RuntimeException cause) {
        return new InputException(name + ": damaged Parquet file, after row " + row + ": " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        try {
            rows.close();
        } finally {
            TextInput.close(file::close, name);
        }
    }
}
