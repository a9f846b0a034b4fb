package dev.saiki.engine.constraint;

/// The position of a UTF-8 text within a character.
///
/// Four of the possible first bytes restrict the range of the second byte. Without the restriction, a character
/// could be overlong (E0, F0), a surrogate (ED) or beyond U+10FFFF (F4): table 3-7 of the Unicode standard.
enum Utf8State {
    /// Between two characters.
    BORDER,
    /// One more byte is needed.
    ONE_MORE,
    /// Two more bytes are needed.
    TWO_MORE,
    /// Three more bytes are needed.
    THREE_MORE,
    /// After the byte E0.
    AFTER_E0,
    /// After the byte ED.
    AFTER_ED,
    /// After the byte F0.
    AFTER_F0,
    /// After the byte F4.
    AFTER_F4,
    /// The text is not valid UTF-8, whatever follows.
    BROKEN;

    private static final int FIRST_FOLLOWER = 0x80;
    private static final int LAST_FOLLOWER = 0xBF;

    /// The state after one more byte.
    ///
    /// @param value the value, from 0 to 255
    Utf8State next(int value) {
        return switch (this) {
            case BORDER -> begin(value);
            case ONE_MORE -> follow(value, FIRST_FOLLOWER, LAST_FOLLOWER, BORDER);
            case TWO_MORE -> follow(value, FIRST_FOLLOWER, LAST_FOLLOWER, ONE_MORE);
            case THREE_MORE -> follow(value, FIRST_FOLLOWER, LAST_FOLLOWER, TWO_MORE);
            case AFTER_E0 -> follow(value, 0xA0, LAST_FOLLOWER, ONE_MORE);
            case AFTER_ED -> follow(value, FIRST_FOLLOWER, 0x9F, ONE_MORE);
            case AFTER_F0 -> follow(value, 0x90, LAST_FOLLOWER, TWO_MORE);
            case AFTER_F4 -> follow(value, FIRST_FOLLOWER, 0x8F, TWO_MORE);
            case BROKEN -> BROKEN;
        };
    }

    /// The state after more bytes.
    Utf8State next(byte[] bytes) {
        Utf8State state = this;
        for (byte value : bytes) {
            state = state.next(value & 0xFF);
        }
        return state;
    }

    private static Utf8State begin(int value) {
        if (value < 0x80) {
            return BORDER;
        }
        if (value < 0xC2 || value > 0xF4) {
            return BROKEN;
        }
        return switch (value) {
            case 0xE0 -> AFTER_E0;
            case 0xED -> AFTER_ED;
            case 0xF0 -> AFTER_F0;
            case 0xF4 -> AFTER_F4;
            default -> value < 0xE0 ? ONE_MORE : value < 0xF0 ? TWO_MORE : THREE_MORE;
        };
    }

    private static Utf8State follow(int value, int first, int last, Utf8State next) {
        return value >= first && value <= last ? next : BROKEN;
    }
}
