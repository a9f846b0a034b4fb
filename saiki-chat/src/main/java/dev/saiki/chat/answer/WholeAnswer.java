package dev.saiki.chat.answer;

import java.util.ArrayList;
import java.util.List;

/// A complete answer.
///
/// @param thought the model's thoughts before its answer; may be empty
/// @param words may be empty
/// @param calls in their order
public record WholeAnswer(String thought, String words, List<WrittenCall> calls) {

    public WholeAnswer {
        calls = List.copyOf(calls);
    }

    /// Joins the pieces of an answer.
    ///
    /// @param pieces of the whole answer
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
