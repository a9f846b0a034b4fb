package dev.saiki.text.tokenizer;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.text.files.BoundedFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A BPE tokenizer: text to ids and back, in the format of Hugging Face's `tokenizer.json`.
///
/// Every text that is valid Unicode comes back from {@link #decode} exactly as it went into {@link #encode}. A
/// Java string may also hold a surrogate without its partner, which is no character and has no UTF-8 form; it
/// is encoded as U+FFFD.
///
/// Added tokens (end of text, role markers) are never read out of text by {@link #encode}, so that what a user
/// types or a document contains cannot forge one; {@link #encodeWithSpecials} is for text whose author may use
/// them.
///
/// Encoding is done by jtokkit where it is proven to be exact for the tokenizer at hand and otherwise by
/// merging pair by pair. Tokenizers of others are read if they are BPE of bytes, or of characters with
/// bytes for those that are no token (SentencePiece's kind, as Llama 2 and Mistral have it), and cut words
/// by expressions that Java's engine reads as theirs. A normalizer changes a text before it is encoded:
/// such a tokenizer gives back the changed text, as NFC composes what Qwen reads, and not always its bytes.
/// Anything else is refused with a message that names the part. Instances are immutable and may be shared
/// between threads.
public final class Tokenizer {

    /// How the end-of-text token of a trained tokenizer is written; its id is 0.
    public static final String END_OF_TEXT = "<|endoftext|>";

    /// The most tokens that a vocabulary may have; the largest in use have a quarter of this.
    public static final int MAX_VOCABULARY = 1 << 20;

    /// The names under which well-known tokenizers keep their end of text, most specific first.
    private static final List<String> END_OF_TEXT_NAMES =
            List.of(END_OF_TEXT, "<|end_of_text|>", "<|end▁of▁sentence|>", "</s>", "<eos>");

    private final byte[] json;
    private final TokenizerModel model;
    private final TextEncoder encoder;
    private final AddedTokens added;
    private final int endOfTextId;

    private Tokenizer(byte[] json, String where) {
        this.json = json;
        model = TokenizerReader.read(json, where);
        endOfTextId = findEndOfText(model, where);
        encoder = model.pieces()
                .<TextEncoder>map(pieces -> new PieceEncoder(model, pieces))
                .orElseGet(() -> byteEncoder(model));
        added = new AddedTokens(model.added());
    }

    private static TextEncoder byteEncoder(TokenizerModel model) {
        MergeEncoder merging = new MergeEncoder(model);
        Optional<Pattern> words = model.preTokenizer().singlePattern();
        return words.isPresent() && !model.ignoreMerges() && JtokkitEncoder.isExactFor(model, merging)
                ? new JtokkitEncoder(model, words.get())
                : merging;
    }

    static Tokenizer trained(List<Long> merges) {
        return new Tokenizer(TokenizerWriter.write(merges), "trained tokenizer");
    }

    /// Reads a `tokenizer.json`.
    ///
    /// @param tokenizerJson the file
    /// @return the tokenizer
    /// @throws InputException if the file is missing, too large, damaged or not supported
    public static Tokenizer load(Path tokenizerJson) {
        return new Tokenizer(
                BoundedFiles.read(tokenizerJson, TokenizerReader.MAX_FILE_BYTES), tokenizerJson.toString());
    }

    /// Reads the content of a `tokenizer.json`.
    ///
    /// @param json the file's bytes
    /// @param where what to call it in messages
    /// @return the tokenizer
    /// @throws InputException if it is damaged or not supported
    public static Tokenizer parse(byte[] json, String where) {
        return new Tokenizer(json.clone(), where);
    }

    /// Writes the `tokenizer.json`, byte for byte as it was loaded or trained.
    ///
    /// @param file where to
    /// @throws IOException if writing fails; the file is then as it was
    public void save(Path file) throws IOException {
        AtomicFiles.write(file, output -> output.write(json));
    }

    /// Identifies the tokenizer: two with the same hash give the same ids.
    ///
    /// @return the SHA-256 of the `tokenizer.json`, 64 hexadecimal digits
    public String hash() {
        return Sha256.hex(json);
    }

    /// The number of ids, added tokens included.
    ///
    /// @return one more than the largest id
    public int vocabSize() {
        return model.size();
    }

    /// The token that stands between documents.
    ///
    /// @return its id
    public int endOfTextId() {
        return endOfTextId;
    }

    /// Encodes a text in which nothing is special.
    ///
    /// @param text any string; surrogates without partner become U+FFFD
    /// @return the ids
    public int[] encode(String text) {
        IntSequence ids = new IntSequence(text.length() / 3);
        encode(wellFormed(text), TextNormalizer.Place.BEGINNING, ids);
        return ids.toArray();
    }

    /// Encodes a text that a model is to continue: what the tokenizer puts before every text, such as a
    /// token that begins it, and then the text, in which nothing is special.
    ///
    /// @param text any string; an empty one begins a new document
    /// @return the ids, at least one; those of an empty text behind nothing are the end of the text before it
    public int[] encodePrompt(String text) {
        IntSequence ids = new IntSequence(text.length() / 3);
        model.prefix().forEach(ids::add);
        encode(wellFormed(text), TextNormalizer.Place.BEGINNING, ids);
        if (ids.isEmpty()) {
            ids.add(endOfTextId);
        }
        return ids.toArray();
    }

    /// Encodes a text in which added tokens, where they are written out, stand for themselves.
    ///
    /// @param text any string
    /// @return the ids
    public int[] encodeWithSpecials(String text) {
        return encodeWithSpecials(text, "");
    }

    /// Encodes a text that was put together from what may name added tokens and what may not.
    ///
    /// @param text any string, in parts of which {@link #marked} has written a mark
    /// @param mark what is to be left out of it; may be empty
    /// @return the ids of the text without marks; added tokens that have none in them stand for themselves
    public int[] encodeWithSpecials(String text, String mark) {
        return encodeWithSpecials(text, mark, TextNormalizer.Place.BEGINNING);
    }

    /// Encodes a text that goes on with another likewise: the bytes of its ids are its own, without what the
    /// tokenizer puts before a text that begins. Behind an added token it puts there what it always does.
    ///
    /// @param before the text before it, which is not encoded
    /// @param text any string, in parts of which {@link #marked} has written a mark
    /// @param mark what is to be left out of both; may be empty
    /// @return the ids
    public int[] encodeContinuation(String before, String text, String mark) {
        boolean behindText = added.endsWithText(wellFormed(before));
        return encodeWithSpecials(
                text, mark, behindText ? TextNormalizer.Place.BEHIND_TEXT : TextNormalizer.Place.BEHIND_TOKEN);
    }

    private int[] encodeWithSpecials(String text, String mark, TextNormalizer.Place first) {
        String clean = wellFormed(text);
        IntSequence ids = new IntSequence(clean.length() / 3);
        added.split(clean, new AddedTokens.Parts() {
            @Override
            public void text(String whole, int from, int to) {
                encode(
                        whole.substring(from, to).replace(mark, ""),
                        from == 0 ? first : TextNormalizer.Place.BEHIND_TOKEN,
                        ids);
            }

            @Override
            public void token(int id) {
                ids.add(id);
            }
        });
        return ids.toArray();
    }

    /// Writes a mark between the letters of added tokens that are written out in a text, so that it names none
    /// when it becomes a part of another.
    ///
    /// @param said any string without the mark
    /// @param mark a string that no added token has in it
    /// @return the text, mostly as it is
    public String marked(String said, String mark) {
        return added.isEmpty()
                ? said
                : added.matcher(said).replaceAll(token -> Matcher.quoteReplacement(spread(token.group(), mark)));
    }

    private static String spread(String token, String mark) {
        return token.codePoints().mapToObj(Character::toString).collect(Collectors.joining(mark));
    }

    /// Finds an added token.
    ///
    /// @param content how it is written
    /// @return its id, if there is such an added token
    public Optional<Integer> specialId(String content) {
        return added.id(content);
    }

    /// Decodes ids to text; added tokens are written out. Bytes that are not UTF-8, as when a character is cut
    /// in two, become U+FFFD. If the tokenizer puts a space before every text, the one at the beginning is
    /// left out.
    ///
    /// @param ids the ids
    /// @return the text
    /// @throws InputException if an id is not in the vocabulary
    public String decode(int[] ids) {
        String text = new String(decodeBytes(ids), StandardCharsets.UTF_8);
        return model.stripsSpace() && text.startsWith(" ") ? text.substring(1) : text;
    }

    /// Decodes ids to bytes; added tokens are written out.
    ///
    /// @param ids the ids
    /// @return the bytes, which are UTF-8 if the ids came whole from a text
    /// @throws InputException if an id is not in the vocabulary
    public byte[] decodeBytes(int[] ids) {
        ByteArrayOutputStream output = new ByteArrayOutputStream(ids.length * 4);
        for (int id : ids) {
            output.writeBytes(bytes(id));
        }
        return output.toByteArray();
    }

    /// Tells whether a token is a piece of text, and not one that was added, such as the end of text.
    ///
    /// @param id an id
    /// @return whether it is; false for ids beyond the vocabulary
    public boolean isText(int id) {
        return id < vocabSize() && model.added().stream().noneMatch(token -> token.id() == id);
    }

    /// The bytes of one token.
    ///
    /// @param id an id
    /// @return its bytes, a copy
    /// @throws InputException if the id is not in the vocabulary
    public byte[] tokenBytes(int id) {
        return bytes(id).clone();
    }

    /// One token as text, for showing; a token that is a part of a character shows as U+FFFD.
    ///
    /// @param id an id
    /// @return the text
    /// @throws InputException if the id is not in the vocabulary
    public String tokenText(int id) {
        return new String(bytes(id), StandardCharsets.UTF_8);
    }

    /// Cuts a long text into parts that can be encoded apart: their ids, one part after the other, are
    /// those of the whole.
    ///
    /// @param text any text
    /// @return its parts in order; the text itself if it is short, or the tokenizer looks at more than words
    public List<String> parts(String text) {
        boolean apart = model.pieces().isEmpty()
                && model.normalizer().worksOnLines()
                && model.preTokenizer().endsWordsAtLines();
        return apart ? TextChunks.of(text) : List.of(text);
    }

    private void encode(String wellFormed, TextNormalizer.Place place, IntSequence ids) {
        encoder.encode(model.normalizer().apply(wellFormed, place), ids);
    }

    /// The tokenizer as it was loaded or trained.
    ///
    /// @return the content of its `tokenizer.json`, a copy
    public byte[] json() {
        return json.clone();
    }

    TextEncoder encoder() {
        return encoder;
    }

    TokenizerModel model() {
        return model;
    }

    private byte[] bytes(int id) {
        if (id < 0 || id >= model.size()) {
            throw InputException.of("tokenizer", "a token id", "from 0 to " + (model.size() - 1), id);
        }
        return model.bytes(id);
    }

    private static int findEndOfText(TokenizerModel model, String where) {
        for (String name : END_OF_TEXT_NAMES) {
            for (AddedToken token : model.added()) {
                if (token.content().equals(name)) {
                    return token.id();
                }
            }
        }
        throw new InputException(where + ": no end-of-text token among added_tokens; one of "
                + String.join(", ", END_OF_TEXT_NAMES) + " is needed");
    }

    /// A text as it is encoded: with U+FFFD in place of each surrogate that has no partner.
    ///
    /// @param text any string
    /// @return the text; the same string if it is well-formed
    public static String wellFormed(String text) {
        boolean wanted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isLowSurrogate(c) != wanted) {
                return replaced(text);
            }
            wanted = Character.isHighSurrogate(c);
        }
        return wanted ? replaced(text) : text;
    }

    private static String replaced(String text) {
        return text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
