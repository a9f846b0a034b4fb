package dev.saiki.chat.answer;

import dev.saiki.chat.tool.CallJson;
import java.util.ArrayList;
import java.util.List;

/// A complete answer.
///
/// @param thought the model's thoughts before its answer; may be empty
/// @param words the text of the answer; may be empty
/// @param calls the calls, in order
public record WholeAnswer(String thought, String words, List<WrittenCall> calls) {

    public WholeAnswer {
        calls = List.copyOf(calls);
    }

    /// Returns the calls that may be run, excluding the last one if the answer was truncated inside it.
    ///
    /// @param isTruncated whether the answer was stopped before the model ended it
    /// @return the calls whose arguments are complete
    public List<WrittenCall> completeCalls(boolean isTruncated) {
        boolean isLastCut = isTruncated
                && !calls.isEmpty()
                && CallJson.read(calls.getLast().arguments()).isEmpty();
        return isLastCut ? calls.subList(0, calls.size() - 1) : calls;
    }

    /// Joins the pieces of an answer.
    ///
    /// @param pieces all pieces of the answer
    public static WholeAnswer of(List<AnswerPiece> pieces) {
        StringBuilder thought = new StringBuilder();
        StringBuilder words = new StringBuilder();
        List<WrittenCall> calls = new ArrayList<>();
        for (AnswerPiece piece : pieces) {
            switch (piece) {
                case AnswerPiece.Thought(String text) -> thought.append(text);
                case AnswerPiece.Words(String text) -> words.append(text);
                case AnswerPiece.CallBegun(String name) -> calls.add(new WrittenCall(name, ""));
                case AnswerPiece.Arguments(String json) -> {
                    WrittenCall open = calls.removeLast();
                    calls.add(new WrittenCall(open.name(), open.arguments() + json));
                }
            }
        }
        return new WholeAnswer(thought.toString(), words.toString(), calls);
    }
}
