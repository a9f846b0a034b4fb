package dev.saiki.text.chat;

import dev.saiki.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// An encoder for models without turn markers: the speaker's name precedes each message.
///
/// The system message and an empty line come first, then lines that begin with `User: `, `Assistant: ` or, for the
/// result of a tool, `Result: `. An answer ends where the next `User:` would begin.
///
/// @param tokenizer the model's tokenizer
public record PlainEncoder(Tokenizer tokenizer) implements ChatEncoder {

    private static final String ASSISTANT = "Assistant:";
    private static final String NEXT_USER = "\nUser:";

    @Override
    public EncodedPrompt encode(List<ChatTurn> turns, String begun) {
        StringBuilder text = new StringBuilder();
        for (ChatTurn turn : turns) {
            String said = turn.text().strip();
            switch (turn.role()) {
                case SYSTEM -> text.append(said).append("\n\n");
                case USER -> text.append("User: ").append(said).append('\n');
                case ASSISTANT ->
                    text.append(ASSISTANT).append(' ').append(said).append('\n');
                case TOOL -> text.append("Result: ").append(said).append('\n');
            }
        }
        text.append(ASSISTANT).append(begun.isEmpty() ? "" : " " + begun);
        return new EncodedPrompt(tokenizer.encodePrompt(text.toString()), text.toString());
    }

    @Override
    public Optional<String> stopText() {
        return Optional.of(NEXT_USER);
    }

    @Override
    public Set<Integer> endsOfTurn() {
        return Set.of();
    }
}
