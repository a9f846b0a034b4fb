package dev.saiki.text.dataset;

import dev.saiki.text.chat.TemplateEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The encoding of conversations as training rows.
///
/// An answer whose prompt begins with the last row's text extends that row; any other answer starts a new row.
/// Templates that format earlier turns differently from the last one, such as those that drop earlier reasoning,
/// therefore produce several rows. No row trains on a form of an answer that the model would not write at
/// inference.
final class AnswerRows {

    private AnswerRows() {}

    /// Encodes a conversation.
    ///
    /// @return the rows, at least one
    static List<AnswerRow> of(AnsweredConversation conversation) {
        List<AnswerRow> rows = new ArrayList<>();
        for (TemplateEncoder.Answered answered : conversation.answers()) {
            boolean continues = !rows.isEmpty()
                    && startsWith(answered.prompt(), rows.getLast().ids());
            rows.add(joined(continues ? rows.removeLast().targets() : new boolean[0], answered));
        }
        return rows;
    }

    private static boolean startsWith(int[] ids, int[] start) {
        return ids.length >= start.length && Arrays.equals(ids, 0, start.length, start, 0, start.length);
    }

    private static AnswerRow joined(boolean[] targetsBefore, TemplateEncoder.Answered answered) {
        int length = answered.prompt().length + answered.answer().length;
        int[] ids = Arrays.copyOf(answered.prompt(), length);
        System.arraycopy(answered.answer(), 0, ids, answered.prompt().length, answered.answer().length);
        boolean[] targets = Arrays.copyOf(targetsBefore, length);
        Arrays.fill(targets, Math.max(1, answered.prompt().length), length, true);
        return new AnswerRow(ids, targets);
    }
}
