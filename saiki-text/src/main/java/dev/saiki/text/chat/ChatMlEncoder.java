package dev.saiki.text.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// An encoder for models trained on ChatML, in which two special tokens enclose each turn, so that message
/// text cannot forge a turn.
public final class ChatMlEncoder implements ChatEncoder {

    /// The token that begins a turn.
    public static final String TURN_BEGINS = "<|im_start|>";

    /// The token that ends a turn.
    public static final String TURN_ENDS = "<|im_end|>";

    private final Tokenizer tokenizer;
    private final int begins;
    private final int ends;

    /// Creates an encoder.
    ///
    /// @param tokenizer the tokenizer of the model
    /// @throws InputException if the tokenizer has no turn tokens
    public ChatMlEncoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        this.begins = required(tokenizer, TURN_BEGINS);
        this.ends = required(tokenizer, TURN_ENDS);
    }

    /// Tells whether a tokenizer has the turn tokens.
    ///
    /// @param tokenizer a model's tokenizer
    /// @return whether the tokenizer has both tokens
    public static boolean fits(Tokenizer tokenizer) {
        return tokenizer.specialId(TURN_BEGINS).isPresent()
                && tokenizer.specialId(TURN_ENDS).isPresent();
    }

    @Override
    public EncodedPrompt encode(List<ChatTurn> turns, String begun) {
        List<int[]> pieces = new ArrayList<>();
        for (ChatTurn turn : turns) {
            String name = turn.role().name().toLowerCase(Locale.ROOT);
            pieces.add(new int[] {begins});
            pieces.add(tokenizer.encode(name + "\n" + turn.text()));
            pieces.add(new int[] {ends});
            pieces.add(tokenizer.encode("\n"));
        }
        pieces.add(new int[] {begins});
        pieces.add(tokenizer.encode("assistant\n" + begun));
        int[] ids = pieces.stream().flatMapToInt(IntStream::of).toArray();
        return new EncodedPrompt(ids, tokenizer.decode(ids));
    }

    private static int required(Tokenizer tokenizer, String token) {
        return tokenizer
                .specialId(token)
                .orElseThrow(() -> InputException.of(
                        "chat format chatml",
                        "the tokenizer",
                        "one with " + TURN_BEGINS + " and " + TURN_ENDS,
                        "one without " + token));
    }

    @Override
    public Optional<String> stopText() {
        return Optional.empty();
    }

    @Override
    public Set<Integer> endsOfTurn() {
        return Set.of(ends);
    }
}
