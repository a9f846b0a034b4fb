package dev.saiki.engine.sampling;

import java.util.List;
import java.util.Optional;

/// A matcher of stop strings in a text that arrives in pieces; text that may be the beginning of a stop
/// string is held back.
public final class StopMatcher {

    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private Optional<String> found = Optional.empty();

    /// Makes a matcher at the beginning of a text.
    ///
    /// @param stops the stop strings, none of them empty
    public StopMatcher(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /// Adds the next piece of the text.
    ///
    /// @param piece the next piece of the text
    /// @return the text that can be released, because no stop string begins in it
    public String take(String piece) {
        if (stops.isEmpty()) {
            return piece;
        }
        held.append(piece);
        found = theOneThatEndsFirst();
        int end = found.map(held::indexOf).orElseGet(() -> held.length() - longestBeginning());
        String given = held.substring(0, end);
        if (found.isPresent()) {
            held.setLength(0);
        } else {
            held.delete(0, end);
        }
        return given;
    }

    /// The stop string that ends first, as if the text arrived character by character.
    private Optional<String> theOneThatEndsFirst() {
        Optional<String> first = Optional.empty();
        int begin = -1;
        int end = Integer.MAX_VALUE;
        for (String stop : stops) {
            int index = held.indexOf(stop);
            boolean sooner = index + stop.length() < end || (index + stop.length() == end && index < begin);
            if (index >= 0 && sooner) {
                first = Optional.of(stop);
                begin = index;
                end = index + stop.length();
            }
        }
        return first;
    }

    /// Returns the stop string that was found; after that, no more text may be added.
    ///
    /// @return the stop string; empty if none was found
    public Optional<String> found() {
        return found;
    }

    /// Releases the text that is still held back at the end.
    ///
    /// @return the rest of the text
    public String rest() {
        String rest = held.toString();
        held.setLength(0);
        return rest;
    }

    /// The length of the longest suffix of the text that is a prefix of a stop string.
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
