package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Slices of lists and strings with Python's semantics.
final class Slices {

    private Slices() {}

    /// The bounds of a slice: first item, end and step.
    record Bounds(Optional<Long> from, Optional<Long> to, Optional<Long> step) {}

    /// Cuts a slice out of a list or a text.
    static Value cut(Value of, Bounds bounds, Renderer renderer) {
        if (!(of instanceof Value.Items || of instanceof Value.Text)) {
            throw new InputException("cannot slice " + of.kind());
        }
        List<Value> items = renderer.items(of);
        long step = bounds.step().orElse(1L);
        InputException.require(step != 0, "the step of a slice must not be 0");
        int count = items.size();
        boolean forwards = step > 0;
        long least = forwards ? 0 : -1;
        long most = forwards ? count : count - 1L;
        long from = bounds.from().map(at -> clamped(at, count, least, most)).orElse(forwards ? least : most);
        long to = bounds.to().map(at -> clamped(at, count, least, most)).orElse(forwards ? most : least);
        List<Value> cut = new ArrayList<>();
        for (long at = from; forwards ? at < to : at > to; at += Math.clamp(step, -(long) count - 1, count + 1L)) {
            cut.add(items.get((int) at));
        }
        return of instanceof Value.Text ? joined(cut, renderer) : new Value.Items(cut);
    }

    private static long clamped(long at, int count, long least, long most) {
        return Math.clamp(at < 0 ? at + count : at, least, most);
    }

    private static Value joined(List<Value> characters, Renderer renderer) {
        StringBuilder text = new StringBuilder();
        characters.forEach(character -> text.append(PythonNotation.text(character, renderer.budget())));
        return new Value.Text(text.toString());
    }
}
