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
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A BPE or Unigram tokenizer: text to ids and back, in the format of Hugging Face's `tokenizer.json`.
///
/// {@link #decode} restores every valid Unicode text exactly as it was passed to {@link #encode}, unless the
/// tokenizer has a normalizer that changes the text. A Java string may also contain a surrogate without its
/// partner, which is not a character and has no UTF-8 form; it is encoded as U+FFFD.
///
/// {@link #encode} never recognises added tokens (end of text, role markers) in a text, so that user input and
/// documents cannot forge them; {@link #encodeWithSpecials} is for text whose author may use added tokens.
///
/// Tokenizers of other tools are supported if they are BPE over bytes, or BPE or Unigram over characters (as in
/// SentencePiece, Llama 2 and Mistral), and split words with expressions that Java's engine interprets
/// identically. A tokenizer whose normalizer changes a text before encoding decodes to the changed text (for
/// Qwen, the text in Unicode's form NFC), which may differ from the original bytes. An unsupported tokenizer is
/// refused with a message that names the unsupported part. Instances are immutable and thread-safe.
public final class Tokenizer {

    /// The text of the end-of-text token in a trained tokenizer; its id is 0.
    public static final String END_OF_TEXT = "<|endoftext|>";

    /// The maximum number of tokens in a vocabulary; the largest vocabularies in use have a quarter of this
    /// number.
    public static final int MAX_VOCABULARY = 1 << 20;

    /// The names of the end-of-text token in well-known tokenizers, most specific first.
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
        encoder = TextEncoder.of(model);
        added = new AddedTokens(model.added());
    }

    static Tokenizer trained(List<Long> merges) {
        return new Tokenizer(TokenizerWriter.write(merges), "trained tokenizer");
    }

    /// Reads a `tokenizer.json`.
    ///
    /// @param tokenizerJson the file
    /// @return the tokenizer
    /// @throws InputException if the file is missing, too large, damaged or unsupported
    public static Tokenizer load(Path tokenizerJson) {
        return new Tokenizer(
                BoundedFiles.read(tokenizerJson, TokenizerReader.MAX_FILE_BYTES), tokenizerJson.toString());
    }

    /// Reads the content of a `tokenizer.json`.
    ///
    /// @param json the file's bytes
    /// @param where the name of the tokenizer in messages
    /// @return the tokenizer
    /// @throws InputException if the content is damaged or unsupported
    public static Tokenizer parse(byte[] json, String where) {
        return new Tokenizer(json.clone(), where);
    }

    /// Writes the `tokenizer.json`, byte for byte as it was loaded or as training created it.
    ///
    /// @param file the file to write
    /// @throws IOException if writing fails; the file is then unchanged
    public void save(Path file) throws IOException {
        AtomicFiles.write(file, output -> output.write(json));
    }

    /// Identifies the tokenizer: tokenizers with the same hash give the same ids.
    ///
    /// @return the SHA-256 of the `tokenizer.json`, 64 hexadecimal digits
    public String hash() {
        return Sha256.hex(json);
    }

    /// The number of ids, including added tokens.
    ///
    /// @return the largest id plus one
    public int vocabSize() {
        return model.size();
    }

    /// The token between documents.
    ///
    /// @return the id of the token
    public int endOfTextId() {
        return endOfTextId;
    }

    /// Encodes a text without recognising special tokens.
    ///
    /// @param text any string; unpaired surrogates become U+FFFD
    /// @return the ids
    public int[] encode(String text) {
        IntSequence ids = new IntSequence(text.length() / 3);
        encode(wellFormed(text), TextNormalizer.Place.BEGINNING, ids);
        return ids.toArray();
    }

    /// Encodes a prompt: first the tokens that the tokenizer puts before every text, such as a begin-of-text
    /// token, and then the text, without recognising special tokens.
    ///
    /// @param text any string; an empty string begins a new document
    /// @return the ids, at least one; for an empty text, if the tokenizer puts no tokens before it, the
    ///     end-of-text token
    public int[] encodePrompt(String text) {
        return prompt(encode(text));
    }

    /// Encodes a prompt as {@link #encodePrompt} does, but recognises added tokens in it.
    ///
    /// @param text any string; an empty string begins a new document
    /// @return the ids, at least one
    public int[] encodePromptWithSpecials(String text) {
        return prompt(encodeWithSpecials(text));
    }

    private int[] prompt(int[] ids) {
        int[] prompt = IntStream.concat(model.stages().prefix().stream().mapToInt(id -> id), IntStream.of(ids))
                .toArray();
        return prompt.length == 0 ? new int[] {endOfTextId} : prompt;
    }

    /// Encodes a text and recognises added tokens in it.
    ///
    /// @param text any string
    /// @return the ids
    public int[] encodeWithSpecials(String text) {
        return encodeWithSpecials(text, "");
    }

    /// Encodes a text that consists of parts in which added tokens are allowed and parts in which they are
    /// not.
    ///
    /// @param text any string; {@link #marked} has inserted the mark into the parts in which added tokens are not
    ///     allowed
    /// @param mark the mark to remove; may be empty
    /// @return the ids of the text without marks; an added token is recognised if there was no mark in it
    public int[] encodeWithSpecials(String text, String mark) {
        return encodeWithSpecials(text, mark, TextNormalizer.Place.BEGINNING);
    }

    /// Encodes the continuation of another text, recognising added tokens: the ids decode to exactly this text,
    /// without the prefix that the tokenizer puts before a text. After an added token the prefix is added as
    /// usual.
    ///
    /// @param before the preceding text, which is not encoded
    /// @param text any string; {@link #marked} has inserted the mark into the parts in which added tokens are not
    ///     allowed
    /// @param mark the mark to remove from both texts; may be empty
    /// @return the ids
    public int[] encodeContinuation(String before, String text, String mark) {
        boolean afterText = added.endsWithText(wellFormed(before));
        return encodeWithSpecials(
                text, mark, afterText ? TextNormalizer.Place.AFTER_TEXT : TextNormalizer.Place.AFTER_TOKEN);
    }

    private int[] encodeWithSpecials(String text, String mark, TextNormalizer.Place first) {
        String clean = wellFormed(text);
        IntSequence ids = new IntSequence(clean.length() / 3);
        for (AddedTokens.Part part : added.split(clean)) {
            if (part.token().isPresent()) {
                ids.add(part.token().getAsInt());
            } else {
                String own = clean.substring(part.from(), part.to()).replace(mark, "");
                encode(own, part.from() == 0 ? first : TextNormalizer.Place.AFTER_TOKEN, ids);
            }
        }
        return ids.toArray();
    }

    /// Inserts a mark between the letters of added tokens in a text, so that they are not recognised when the
    /// text is inserted into another text.
    ///
    /// @param said any string without the mark
    /// @param mark a string that occurs in no added token
    /// @return the text, in most cases unchanged
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
    /// @param content the text of the token
    /// @return the token's id, if there is such an added token
    public Optional<Integer> specialId(String content) {
        return added.id(content);
    }

    /// Decodes ids to text; added tokens appear as their text. Bytes that are not valid UTF-8, such as an
    /// incomplete character, become U+FFFD. If the tokenizer puts a space before every text, a space at the
    /// beginning is removed.
    ///
    /// @param ids the ids
    /// @return the text
    /// @throws InputException if an id is not in the vocabulary
    public String decode(int[] ids) {
        String text = new String(decodeBytes(ids), StandardCharsets.UTF_8);
        return model.stages().stripsSpace() && text.startsWith(" ") ? text.substring(1) : text;
    }

    /// Decodes ids to bytes; added tokens appear as the bytes of their text.
    ///
    /// @param ids the ids
    /// @return the bytes, which are valid UTF-8 if the ids encode a complete text
    /// @throws InputException if an id is not in the vocabulary
    public byte[] decodeBytes(int[] ids) {
        ByteArrayOutputStream output = new ByteArrayOutputStream(ids.length * 4);
        for (int id : ids) {
            output.writeBytes(bytes(id));
        }
        return output.toByteArray();
    }

    /// Tells whether a token is a piece of text; added tokens, such as the end of text, are not.
    ///
    /// @param id an id
    /// @return false also for ids beyond the vocabulary
    public boolean isText(int id) {
        return id < vocabSize() && model.added().stream().noneMatch(token -> token.id() == id);
    }

    /// The bytes of one token.
    ///
    /// @param id an id
    /// @return a copy of the token's bytes
    /// @throws InputException if the id is not in the vocabulary
    public byte[] tokenBytes(int id) {
        return bytes(id).clone();
    }

    /// One token as text, for display; an incomplete character becomes U+FFFD.
    ///
    /// @param id an id
    /// @return the text
    /// @throws InputException if the id is not in the vocabulary
    public String tokenText(int id) {
        return new String(bytes(id), StandardCharsets.UTF_8);
    }

    /// Splits a long text into parts that can be encoded separately, so that the concatenated ids of the
    /// parts are those of the whole text.
    ///
    /// @param text any text
    /// @return the parts in order; only the text itself if it is short, or if the tokenizer does not end words at
    ///     line breaks
    public List<String> parts(String text) {
        boolean apart = model.pieces().isEmpty()
                && model.stages().normalizer().worksOnLines()
                && model.stages().preTokenizer().endsWordsAtLines();
        return apart ? TextChunks.of(text) : List.of(text);
    }

    private void encode(String wellFormed, TextNormalizer.Place place, IntSequence ids) {
        encoder.encode(model.stages().normalizer().apply(wellFormed, place), ids);
    }

    /// The content of the tokenizer's file.
    ///
    /// @return a copy of the `tokenizer.json`
    public byte[] json() {
        return json.clone();
    }

    private byte[] bytes(int id) {
        InputException.requireBetween("tokenizer: a token id", id, 0, model.size() - 1);
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

    /// Returns a text with U+FFFD in place of each unpaired surrogate.
    ///
    /// @param text any string
    /// @return the text; the given string itself if it is well-formed
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
