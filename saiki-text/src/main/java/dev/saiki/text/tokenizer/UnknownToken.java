package dev.saiki.text.tokenizer;

/// The token for bytes or characters that the vocabulary lacks.
///
/// @param id the token's id; negative if there is none, so that such bytes and characters are left out
/// @param fuses whether adjacent ones become a single token
record UnknownToken(int id, boolean fuses) {

    /// The id of what the vocabulary lacks.
    static final int ABSENT = -1;

    /// Returns the ids with this token in place of {@link #ABSENT}.
    int[] fill(int[] ids) {
        IntSequence filled = new IntSequence(ids.length);
        boolean before = false;
        for (int at : ids) {
            if (at != ABSENT) {
                filled.add(at);
            } else if (id >= 0 && !(before && fuses)) {
                filled.add(id);
            }
            before = at == ABSENT;
        }
        return filled.toArray();
    }
}
