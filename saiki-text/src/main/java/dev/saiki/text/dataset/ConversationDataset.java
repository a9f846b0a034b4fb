package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.text.chat.TemplateEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/// Encoded conversations for training and validation.
///
/// Whole conversations are held out, and identical conversations are in the same split. All rows are in memory.
public final class ConversationDataset {

    /// The split does not depend on a run's seed, so that all runs are evaluated on the same conversations.
    private static final long SEED = 0;

    private final List<AnswerRow> train;
    private final List<AnswerRow> heldOut;
    private final String hash;
    private final Counts counts;

    private ConversationDataset(List<AnswerRow> train, List<AnswerRow> heldOut, String hash, Counts counts) {
        this.train = List.copyOf(train);
        this.heldOut = List.copyOf(heldOut);
        this.hash = hash;
        this.counts = counts;
    }

    /// The treatment of a conversation that is too long.
    public enum TooLong {
        /// The conversation is left out.
        LEAVE_OUT,
        /// The conversation is truncated, and left out if no token to learn remains.
        CUT
    }

    /// The settings of a dataset.
    ///
    /// @param sequenceLength the maximum number of tokens in a row that a model reads; a row has one more
    ///     token, which is only a target
    /// @param tooLong the treatment of longer conversations
    /// @param validationFraction the share of tokens held out, in (0, 0.5]
    public record Options(int sequenceLength, TooLong tooLong, double validationFraction) {}

    /// Counts of all conversations and of those that exceed the sequence length.
    ///
    /// @param conversations the number of conversations read
    /// @param tooLong the number of conversations that were truncated or left out
    /// @param leftOut the number of conversations that gave no row
    public record Counts(int conversations, int tooLong, int leftOut) {}

    /// Reads and encodes conversations, and holds some out.
    ///
    /// @param path a file, a folder or a glob of JSON Lines
    /// @param encoder the model's encoder
    /// @param options the settings of the dataset
    /// @return the dataset
    /// @throws InputException naming each line that is not a conversation or that the template refuses, or if
    ///     fewer than two conversations remain
    public static ConversationDataset open(Path path, TemplateEncoder encoder, Options options) {
        List<List<AnswerRow>> conversations = new ArrayList<>();
        int tooLong = 0;
        List<AnsweredConversation> answered = AnsweredConversation.read(path, encoder);
        for (AnsweredConversation conversation : answered) {
            List<AnswerRow> rows = AnswerRows.of(conversation);
            boolean fits = rows.stream().allMatch(row -> row.ids().length <= options.sequenceLength() + 1);
            tooLong += fits ? 0 : 1;
            conversations.add(fits ? rows : shortened(rows, options));
        }
        conversations.removeIf(List::isEmpty);
        Counts counts = new Counts(answered.size(), tooLong, answered.size() - conversations.size());
        if (conversations.size() < 2) {
            throw new InputException(path + ": needs at least two conversations of at most " + options.sequenceLength()
                    + " tokens, one of them to hold out, got " + conversations.size() + " of "
                    + answered.size());
        }
        return split(conversations, options, counts);
    }

    private static List<AnswerRow> shortened(List<AnswerRow> rows, Options options) {
        if (options.tooLong() == TooLong.LEAVE_OUT) {
            return List.of();
        }
        return rows.stream()
                .map(row -> row.cut(options.sequenceLength() + 1))
                .filter(row -> row.numTargets() > 0)
                .toList();
    }

    private static ConversationDataset split(List<List<AnswerRow>> conversations, Options options, Counts counts) {
        LongSequence tokens = new LongSequence();
        LongSequence hashes = new LongSequence();
        MessageDigest all = Sha256.digest();
        all.update(Double.toString(options.validationFraction()).getBytes(StandardCharsets.UTF_8));
        for (List<AnswerRow> rows : conversations) {
            MessageDigest digest = Sha256.digest();
            rows.forEach(row -> digest.update(bytes(row)));
            byte[] hash = digest.digest();
            all.update(hash);
            hashes.add(ByteBuffer.wrap(hash).getLong());
            tokens.add(rows.stream().mapToLong(row -> row.ids().length).sum());
        }
        BitSet chosen = HeldOutSelection.choose(tokens, hashes, options.validationFraction(), SEED);
        return new ConversationDataset(
                rows(conversations, chosen, false),
                rows(conversations, chosen, true),
                HexFormat.of().formatHex(all.digest()),
                counts);
    }

    private static List<AnswerRow> rows(List<List<AnswerRow>> conversations, BitSet heldOut, boolean wanted) {
        return IntStream.range(0, conversations.size())
                .filter(i -> heldOut.get(i) == wanted)
                .mapToObj(conversations::get)
                .flatMap(List::stream)
                .toList();
    }

    private static byte[] bytes(AnswerRow row) {
        ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES + row.ids().length * (Integer.BYTES + 1));
        buffer.putInt(row.ids().length);
        for (int i = 0; i < row.ids().length; i++) {
            buffer.putInt(row.ids()[i]).put((byte) (row.targets()[i] ? 1 : 0));
        }
        return buffer.array();
    }

    /// Returns the rows to train on.
    ///
    /// @return the rows in file order
    public List<AnswerRow> train() {
        return train;
    }

    /// Returns the held-out rows.
    ///
    /// @return the rows in file order
    public List<AnswerRow> heldOut() {
        return heldOut;
    }

    /// Identifies the data: tokens, masks, and which conversations are held out.
    ///
    /// @return 64 hexadecimal digits
    public String hash() {
        return hash;
    }

    /// Returns how many conversations were read, how many were too long, and how many gave no row.
    ///
    /// @return the counts
    public Counts counts() {
        return counts;
    }
}
