package dev.saiki.cli.chat;

import dev.saiki.text.chat.ChatEncoder;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.chat.EncodedPrompt;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.ThinkingMarks;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The turns of a conversation that the model still sees, as many as there is room for.
final class ChatHistory {

    private final ChatEncoder encoder;
    private final List<ChatTurn> before;
    private final List<ChatTurn> turns = new ArrayList<>();

    /// Begins a conversation.
    ///
    /// @param system what comes before every turn, if anything
    ChatHistory(ChatEncoder encoder, Optional<String> system) {
        this.encoder = encoder;
        this.before =
                system.map(text -> ChatTurn.of(ChatRole.SYSTEM, text)).stream().toList();
    }

    /// A conversation up to where the model goes on.
    ///
    /// @param ids its tokens
    /// @param dropped how many turns were left out for good, since there was no room for them
    /// @param beginsThoughts whether it ends where the model is to think before it answers
    @SuppressWarnings("ArrayRecordComponent") // Nothing compares prompts.
    record Prompt(int[] ids, int dropped, boolean beginsThoughts) {}

    /// Adds what a person says, and leaves the oldest turns out until there is room for an answer.
    ///
    /// @param room most tokens of the conversation
    /// @return nothing if there is no room for what was said alone, which is then not kept
    Optional<Prompt> ask(String said, int room) {
        List<ChatTurn> kept = new ArrayList<>(turns);
        kept.add(ChatTurn.of(ChatRole.USER, said));
        EncodedPrompt chat = encoded(kept);
        while (chat.ids().length > room && kept.size() > 1) {
            kept.removeFirst();
            // An answer means nothing without its question.
            while (kept.getFirst().role() == ChatRole.ASSISTANT) {
                kept.removeFirst();
            }
            chat = encoded(kept);
        }
        if (chat.ids().length > room) {
            return Optional.empty();
        }
        int dropped = turns.size() + 1 - kept.size();
        turns.clear();
        turns.addAll(kept);
        return Optional.of(new Prompt(chat.ids(), dropped, ThinkingMarks.areBegunBy(chat.text())));
    }

    /// Adds what the model said; what it thought before is not repeated to it, as models are trained.
    void answered(String text) {
        turns.add(ChatTurn.of(ChatRole.ASSISTANT, text.strip()));
    }

    /// Whether the model may think before it answers.
    ///
    /// @param tokenizer of the model
    boolean knowsThinking(Tokenizer tokenizer) {
        return ThinkingMarks.areKnown(
                tokenizer,
                encoder instanceof TemplateEncoder own ? own.template().source() : "");
    }

    /// Forgets all that was said.
    void clear() {
        turns.clear();
    }

    private EncodedPrompt encoded(List<ChatTurn> kept) {
        List<ChatTurn> all = new ArrayList<>(before);
        all.addAll(kept);
        return encoder.encode(all, "");
    }
}
