package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.corpus.ChatExample;
import dev.saiki.text.corpus.ConversationFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// A conversation formatted with a chat template. Each answer, up to the token that ends the turn, follows exactly
/// the prompt that the model gets at inference.
///
/// @param example the conversation
/// @param answers the prompt and tokens of each answer to learn, in order
public record AnsweredConversation(ChatExample example, List<TemplateEncoder.Answered> answers) {

    /// The maximum number of errors reported at once.
    private static final int MAX_REPORTED = 20;

    /// Copies the mutable components.
    public AnsweredConversation {
        answers = List.copyOf(answers);
    }

    /// Reads and encodes conversations.
    ///
    /// @param path a file, a folder or a glob of JSON Lines
    /// @param encoder the model's encoder
    /// @return the conversations in file order, at least one
    /// @throws InputException naming each line that is not a conversation or that the template refuses
    public static List<AnsweredConversation> read(Path path, TemplateEncoder encoder) {
        List<AnsweredConversation> conversations = new ArrayList<>();
        Problems problems = new Problems();
        for (ChatExample example : ConversationFiles.read(path)) {
            problems.attempt(() -> of(example, encoder)).ifPresent(conversations::add);
            if (problems.size() >= MAX_REPORTED) {
                problems.throwIfAny();
            }
        }
        problems.throwIfAny();
        return conversations;
    }

    private static AnsweredConversation of(ChatExample example, TemplateEncoder encoder) {
        try {
            if (!example.tools().isEmpty() && !encoder.template().showsTools()) {
                throw new InputException("the chat template does not pass tools to the model, so a conversation"
                        + " must have none, got " + example.tools().size());
            }
            return new AnsweredConversation(
                    example,
                    example.answers().stream()
                            .map(answer -> encoder.answered(first(example.messages(), answer + 1), example.tools()))
                            .toList());
        } catch (InputException refusal) {
            throw new InputException(example.where() + ": " + refusal.getMessage(), refusal);
        }
    }

    private static ArrayNode first(ArrayNode messages, int count) {
        ArrayNode some = JsonNodeFactory.instance.arrayNode();
        messages.values().stream().limit(count).forEach(some::add);
        return some;
    }
}
