package dev.saiki.chat.answer;

/// The end of an answer that is held back until it is clear what it is.
final class HeldText {

    private final StringBuilder text = new StringBuilder();

    void add(String more) {
        text.append(more);
    }

    int length() {
        return text.length();
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    int indexOf(String mark) {
        return text.indexOf(mark);
    }

    /// All of it, while it grows.
    CharSequence view() {
        return text;
    }

    /// All of it, which stays held.
    @Override
    public String toString() {
        return text.toString();
    }

    /// Lets go of the first characters.
    ///
    /// @param count how many
    /// @return these
    String release(int count) {
        String released = text.substring(0, count);
        text.delete(0, count);
        return released;
    }

    /// The characters before those at its end with which a mark may begin.
    int lengthBefore(String mark) {
        for (int from = Math.max(0, text.length() - mark.length() + 1); from < text.length(); from++) {
            if (mark.startsWith(text.substring(from))) {
                return from;
            }
        }
        return text.length();
    }
}
