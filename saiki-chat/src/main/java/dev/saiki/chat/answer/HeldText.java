package dev.saiki.chat.answer;

/// The end of an answer, held back until its meaning is clear.
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

    /// Returns a view of the text, which reflects later changes.
    CharSequence view() {
        return text;
    }

    /// Returns a copy of the text, which stays held back.
    @Override
    public String toString() {
        return text.toString();
    }

    /// Removes the first characters and returns them.
    ///
    /// @param count number of characters
    /// @return the removed characters
    String release(int count) {
        String released = text.substring(0, count);
        text.delete(0, count);
        return released;
    }

    /// The number of characters before a suffix of the text that may be the beginning of a mark.
    int lengthBefore(String mark) {
        for (int from = Math.max(0, text.length() - mark.length() + 1); from < text.length(); from++) {
            if (mark.startsWith(text.substring(from))) {
                return from;
            }
        }
        return text.length();
    }
}
