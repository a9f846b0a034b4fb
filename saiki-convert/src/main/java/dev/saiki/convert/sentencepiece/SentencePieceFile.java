package dev.saiki.convert.sentencepiece;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;

/// A reader of SentencePiece's `tokenizer.model` files (BPE and Unigram).
///
/// The file is a Protocol Buffers message. Only a few fields are needed, so this class decodes the wire format
/// itself; a library would need a compiled schema.
public final class SentencePieceFile {

    private static final int LARGEST_FILE = 1 << 26;
    private static final int UNIGRAM = 1;
    private static final int BPE = 2;

    /// The number of the Protocol Buffers field with the pieces. The constants below are field numbers too.
    private static final int PIECES = 1;

    private static final int TRAINER = 2;
    private static final int NORMALIZER = 3;
    private static final int TRAINER_MODEL_TYPE = 3;
    private static final int TRAINER_SPACE_BEHIND = 24;
    private static final int NORMALIZER_TABLE = 2;
    private static final int NORMALIZER_DUMMY_PREFIX = 3;
    private static final int NORMALIZER_REMOVES_SPACES = 4;
    private static final int NORMALIZER_ESCAPES_SPACES = 5;

    private final String where;
    private final List<Piece> pieces = new ArrayList<>();
    private boolean spaceBefore = true;
    private boolean removesSpaces = true;
    private String table = "";
    private long modelType = UNIGRAM;

    private SentencePieceFile(String where) {
        this.where = where;
    }

    /// Reads a file.
    ///
    /// @param file the file
    /// @return the vocabulary; encoding puts a start token named `<s>`, if there is one, before prompts
    /// @throws InputException if the file cannot be read, is neither BPE nor Unigram, or has an unsupported setting
    public static PieceVocabulary read(Path file) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw InputException.of(file.toString(), "the file", "at most " + LARGEST_FILE + " bytes long", "more");
            }
            return parse(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /// Reads the content of a file.
    ///
    /// @param bytes the content
    /// @param where the file's name in messages
    /// @return as {@link #read}
    /// @throws InputException as {@link #read}
    public static PieceVocabulary parse(byte[] bytes, String where) {
        SentencePieceFile file = new SentencePieceFile(where);
        file.readModel(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        boolean unigram = file.modelType == UNIGRAM;
        InputException.require(
                unigram || file.modelType == BPE, where, "the type of the model", "Unigram or BPE", "another");
        InputException.require(!file.pieces.isEmpty(), where + ": contains no tokens");
        PieceVocabulary.Rules rules =
                new PieceVocabulary.Rules(unigram, file.spaceBefore, file.removesSpaces, file.table);
        return new PieceVocabulary(file.pieces, rules, file.begin());
    }

    private OptionalInt begin() {
        for (int id = 0; id < pieces.size(); id++) {
            if (pieces.get(id).kind() == Piece.Kind.CONTROL
                    && pieces.get(id).text().equals("<s>")) {
                return OptionalInt.of(id);
            }
        }
        return OptionalInt.empty();
    }

    /// A field of a message.
    ///
    /// @param number the field's number
    /// @param value an integer, or the bits of a floating-point number; 0 for a text or an embedded message
    /// @param content the bytes of a text or of an embedded message; empty for a number
    private record Field(int number, long value, ByteBuffer content) {}

    private void readModel(ByteBuffer message) {
        while (message.hasRemaining()) {
            Field field = next(message);
            switch (field.number()) {
                case PIECES -> pieces.add(piece(field.content()));
                case TRAINER -> readTrainer(field.content());
                case NORMALIZER -> readNormalizer(field.content());
                default -> {}
            }
        }
    }

    private Piece piece(ByteBuffer message) {
        String text = "";
        float score = 0;
        long kind = 1;
        while (message.hasRemaining()) {
            Field field = next(message);
            switch (field.number()) {
                case 1 -> text = StandardCharsets.UTF_8.decode(field.content()).toString();
                case 2 -> score = Float.intBitsToFloat((int) field.value());
                case 3 -> kind = field.value();
                default -> {}
            }
        }
        Piece.Kind[] kinds = Piece.Kind.values();
        if (kind < 1 || kind > kinds.length || !Float.isFinite(score)) {
            throw InputException.of(
                    where,
                    "piece " + pieces.size(),
                    "of kind 1 to 6 with a finite score",
                    kind + " with score " + score);
        }
        return new Piece(text, score, kinds[(int) kind - 1]);
    }

    private void readTrainer(ByteBuffer message) {
        while (message.hasRemaining()) {
            Field field = next(message);
            switch (field.number()) {
                case TRAINER_MODEL_TYPE -> modelType = field.value();
                case TRAINER_SPACE_BEHIND -> {
                    if (field.value() != 0) {
                        throw unsupported("treat_whitespace_as_suffix");
                    }
                }
                default -> {}
            }
        }
    }

    private void readNormalizer(ByteBuffer message) {
        boolean escapesSpaces = true;
        while (message.hasRemaining()) {
            Field field = next(message);
            switch (field.number()) {
                case NORMALIZER_TABLE -> {
                    byte[] bytes = new byte[field.content().remaining()];
                    field.content().get(bytes);
                    table = Base64.getEncoder().encodeToString(bytes);
                }
                case NORMALIZER_DUMMY_PREFIX -> spaceBefore = field.value() != 0;
                case NORMALIZER_REMOVES_SPACES -> removesSpaces = field.value() != 0;
                case NORMALIZER_ESCAPES_SPACES -> escapesSpaces = field.value() != 0;
                default -> {}
            }
        }
        if (!escapesSpaces) {
            throw unsupported("escape_whitespaces=false");
        }
    }

    private InputException unsupported(String what) {
        return new InputException(where + ": " + what + " is not supported");
    }

    private Field next(ByteBuffer message) {
        long tag = varint(message);
        int number = (int) (tag >>> 3);
        ByteBuffer none = ByteBuffer.allocate(0);
        return switch ((int) (tag & 7)) {
            case 0 -> new Field(number, varint(message), none);
            case 1 -> {
                requireLeft(message, Long.BYTES);
                yield new Field(number, message.getLong(), none);
            }
            case 2 -> {
                long length = varint(message);
                requireLeft(message, length);
                ByteBuffer content =
                        message.slice(message.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
                message.position(message.position() + (int) length);
                yield new Field(number, 0, content);
            }
            case 5 -> {
                requireLeft(message, Integer.BYTES);
                yield new Field(number, message.getInt(), none);
            }
            default -> throw new InputException(where + ": not a SentencePiece file");
        };
    }

    private void requireLeft(ByteBuffer message, long bytes) {
        if (bytes < 0 || bytes > message.remaining()) {
            throw new InputException(where + ": not a SentencePiece file, or truncated");
        }
    }

    private long varint(ByteBuffer message) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            requireLeft(message, 1);
            byte next = message.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new InputException(where + ": not a SentencePiece file");
    }
}
