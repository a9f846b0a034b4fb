package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.corpus.ChatExample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The writing down of conversations as rows to learn from.
///
/// Every answer is learnt behind exactly the prompt that the model gets when it is asked for it, and from the first
/// token behind that prompt to the one that ends the turn. Answers of one conversation share a row as long as each
/// prompt begins with the row so far. Templates that write earlier turns otherwise than the last one, such as those
/// that drop what was thought in them, therefore give several rows, none of which holds a form of a turn that the
/// model is not asked to write.
final class AnswerRows {

    private AnswerRows() {}

    /// Writes a conversation down.
    ///
    /// @return at least one row
    /// @throws InputException with the conversation's place if its template refuses it
    static List<AnswerRow> of(ChatExample example, TemplateEncoder encoder) {
        try {
            if (!example.tools().isEmpty() && !encoder.template().showsTools()) {
                throw new InputException("the chat template does not show functions to the model, so a conversation"
                        + " must be one without tools, got " + example.tools().size());
            }
            List<AnswerRow> rows = new ArrayList<>();
            for (int answer : example.answers()) {
                TemplateEncoder.Answered answered =
                        encoder.answered(first(example.messages(), answer + 1), example.tools());
                if (!rows.isEmpty()
                        && startsWith(answered.prompt(), rows.getLast().ids())) {
                    rows.add(joined(rows.removeLast().learnt(), answered));
                } else {
                    rows.add(joined(new boolean[0], answered));
                }
            }
            return rows;
        } catch (InputException refusal) {
            throw new InputException(example.where() + ": " + refusal.getMessage(), refusal);
        }
    }

    private static ArrayNode first(ArrayNode messages, int count) {
        ArrayNode some = JsonNodeFactory.instance.arrayNode();
        messages.values().stream().limit(count).forEach(some::add);
        return some;
    }

    private static boolean startsWith(int[] ids, int[] start) {
        return ids.length >= start.length && Arrays.equals(ids, 0, start.length, start, 0, start.length);
    }

    private static AnswerRow joined(boolean[] learntBefore, TemplateEncoder.Answered answered) {
        int length = answered.prompt().length + answered.answer().length;
        int[] ids = Arrays.copyOf(answered.prompt(), length);
        System.arraycopy(answered.answer(), 0, ids, answered.prompt().length, answered.answer().length);
        boolean[] learnt = Arrays.copyOf(learntBefore, length);
        Arrays.fill(learnt, Math.max(1, answered.prompt().length), length, true);
        return new AnswerRow(ids, learnt);
    }
}
