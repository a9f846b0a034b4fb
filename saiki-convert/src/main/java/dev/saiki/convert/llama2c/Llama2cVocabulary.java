package dev.saiki.convert.llama2c;

import dev.saiki.convert.sentencepiece.Piece;
import dev.saiki.convert.sentencepiece.PieceVocabulary;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// The vocabulary file of llama2.c (`tokenizer.bin`): the length of the longest token, followed by the score,
/// length and bytes of each token.
///
/// Id 0 is the unknown token, 1 starts a text, 2 ends it, and 3 to 258 are bytes, spelled `<0x00>` and so on.
/// Encoding puts a space before every text.
final class Llama2cVocabulary {

    static final int BEGIN = 1;
    static final int END = 2;

    private static final int LARGEST_FILE = 1 << 26;
    private static final int LONGEST_PIECE = 1 << 10;
    private static final int LOOKED_AT = 64;
    private static final String[] FIRST = {"<unk>", "<s>", "</s>"};

    private Llama2cVocabulary() {}

    /// Reads a file.
    ///
    /// @param file the file
    /// @param size number of tokens of the model
    /// @return the content of a `tokenizer.json`
    /// @throws InputException if the file is not a vocabulary of this size
    static byte[] tokenizerJson(Path file, int size) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw InputException.of(file.toString(), "the file", "at most " + LARGEST_FILE + " bytes long", "more");
            }
            byte[] content = Files.readAllBytes(file);
            requireLikely(content, file);
            return parse(content, file.toString(), size).tokenizerJson(file.toString());
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /// Refuses files of other formats, recognised by their first bytes. A vocabulary starts with the length of its
    /// longest token, a small 4-byte number whose last two bytes are 0.
    private static void requireLikely(byte[] content, Path file) {
        String begin = new String(content, 0, Math.min(content.length, LOOKED_AT), StandardCharsets.ISO_8859_1);
        boolean isNumber = content.length >= Integer.BYTES && content[2] == 0 && content[3] == 0;
        String looksLike;
        if (begin.startsWith("GGUF")) {
            looksLike = "a GGUF file, which is imported without --vocabulary";
        } else if (begin.stripLeading().startsWith("{")) {
            looksLike = "JSON, such as Hugging Face's tokenizer.json";
        } else if (begin.startsWith("\n") && !isNumber) {
            looksLike = "SentencePiece's tokenizer.model, which llama2.c converts to its own format";
        } else if (!isNumber) {
            looksLike = "another format";
        } else {
            return;
        }
        throw new InputException(file
                + ": --vocabulary takes a llama2.c vocabulary file (such as tokenizer.bin:"
                + " the longest length, then score, length and bytes of each token); this file looks like " + looksLike
                + "; a Hugging Face model is imported as a folder with its tokenizer.json or tokenizer.model");
    }

    static PieceVocabulary parse(byte[] content, String where, int size) {
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        requireLeft(bytes, Integer.BYTES, where, 0);
        bytes.getInt();
        List<Piece> pieces = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            requireLeft(bytes, Float.BYTES + Integer.BYTES, where, id);
            float score = bytes.getFloat();
            int length = bytes.getInt();
            if (length < 0 || length > LONGEST_PIECE || Float.isNaN(score)) {
                throw InputException.of(where, "the length of token " + id, "0 to " + LONGEST_PIECE, length);
            }
            requireLeft(bytes, length, where, id);
            byte[] text = new byte[length];
            bytes.get(text);
            pieces.add(piece(id, new String(text, StandardCharsets.UTF_8), score));
        }
        if (bytes.hasRemaining()) {
            throw InputException.of(
                    where,
                    "the vocabulary",
                    size + " tokens, as in the model",
                    "more: " + bytes.remaining() + " bytes are left");
        }
        return new PieceVocabulary(pieces, true, size > BEGIN ? OptionalInt.of(BEGIN) : OptionalInt.empty());
    }

    private static Piece piece(int id, String text, float score) {
        if (id < FIRST.length) {
            return new Piece(FIRST[id], score, id == 0 ? Piece.Kind.UNKNOWN : Piece.Kind.CONTROL);
        }
        boolean isByte = text.matches("<0x[0-9A-F]{2}>");
        return new Piece(text.replace(' ', '\u2581'), score, isByte ? Piece.Kind.BYTE : Piece.Kind.NORMAL);
    }

    private static void requireLeft(ByteBuffer bytes, int count, String where, int id) {
        if (bytes.remaining() < count) {
            throw new InputException(where + ": truncated at token " + id
                    + ", or the vocabulary of another model: a llama2.c vocabulary has as many tokens as its model");
        }
    }
}
