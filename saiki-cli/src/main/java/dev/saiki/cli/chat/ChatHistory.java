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

/// The latest turns of a conversation, as many as the model's context can hold.
final class ChatHistory {

    private final ChatEncoder encoder;
    private final List<ChatTurn> before;
    private final List<ChatTurn> turns = new ArrayList<>();

    /// Begins a conversation.
    ///
    /// @param system text before all turns, if there is one
    ChatHistory(ChatEncoder encoder, Optional<String> system) {
        this.encoder = encoder;
        this.before =
                system.map(text -> ChatTurn.of(ChatRole.SYSTEM, text)).stream().toList();
    }

    /// A conversation up to the beginning of the model's answer.
    ///
    /// @param ids the conversation's tokens
    /// @param dropped number of turns that were removed for good because they no longer fit
    /// @param beginsThoughts whether the conversation ends with the mark that opens thoughts
    @SuppressWarnings("ArrayRecordComponent") // Nothing compares prompts.
    record Prompt(int[] ids, int dropped, boolean beginsThoughts) {}

    /// Adds a user's turn, and drops the oldest turns until the context has room for an answer.
    ///
    /// @param room largest number of tokens that the conversation may have
    /// @return the conversation; empty if the new turn alone does not fit, in which case that turn is not
    ///     kept
    Optional<Prompt> ask(String said, int room) {
        List<ChatTurn> kept = new ArrayList<>(turns);
        kept.add(ChatTurn.of(ChatRole.USER, said));
        EncodedPrompt chat = encoded(kept);
        while (chat.ids().length > room && kept.size() > 1) {
            kept.removeFirst();
            // An answer without its question is meaningless, so the answer is dropped too.
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

    /// Adds the model's answer without its thoughts, because models are trained to expect earlier answers
    /// without thoughts.
    void answered(String text) {
        turns.add(ChatTurn.of(ChatRole.ASSISTANT, text.strip()));
    }

    /// Whether the model may produce thoughts before its answer.
    ///
    /// @param tokenizer the tokenizer of the model
    boolean knowsThinking(Tokenizer tokenizer) {
        return ThinkingMarks.areKnown(
                tokenizer,
                encoder instanceof TemplateEncoder own ? own.template().source() : "");
    }

    /// Removes all turns.
    void clear() {
        turns.clear();
    }

    private EncodedPrompt encoded(List<ChatTurn> kept) {
        List<ChatTurn> all = new ArrayList<>(before);
        all.addAll(kept);
        return encoder.encode(all, "");
    }
}
