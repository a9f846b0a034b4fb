package dev.saiki.text.cleaning;

import java.util.Locale;

/// The reason why a document is kept or removed; if several reasons apply, the first in this order counts.
/// {@link QualityRules} names the publications of the reasons of Gopher, C4 and FineWeb.
public enum DocumentVerdict {
    /// The document has too few characters.
    TOO_SHORT,
    /// The document's share of letters is too small.
    FEW_LETTERS,
    /// Too many of the document's lines repeat earlier lines.
    REPEATED_LINES,
    /// The document is in none of the wanted languages.
    OTHER_LANGUAGE,
    /// Gopher: too few words.
    GOPHER_FEW_WORDS,
    /// Gopher: too many words.
    GOPHER_MANY_WORDS,
    /// Gopher: the mean length of words is too small.
    GOPHER_SHORT_WORDS,
    /// Gopher: the mean length of words is too large.
    GOPHER_LONG_WORDS,
    /// Gopher: too many hash signs.
    GOPHER_HASHES,
    /// Gopher: too many ellipses.
    GOPHER_ELLIPSES,
    /// Gopher: too many lines begin with a bullet point.
    GOPHER_BULLET_LINES,
    /// Gopher: too many lines end with an ellipsis.
    GOPHER_ELLIPSIS_LINES,
    /// Gopher: too few words contain a letter.
    GOPHER_FEW_ALPHABETIC_WORDS,
    /// Gopher: too few English stop words.
    GOPHER_FEW_STOP_WORDS,
    /// Gopher: too many lines, or too many characters in lines, repeat earlier lines.
    GOPHER_REPEATED_LINES,
    /// Gopher: too many paragraphs, or too many characters in paragraphs, repeat earlier paragraphs.
    GOPHER_REPEATED_PARAGRAPHS,
    /// Gopher: a sequence of 2 to 4 words takes up too much of the text.
    GOPHER_TOP_SEQUENCE,
    /// Gopher: sequences of 5 to 10 words that occur earlier take up too much of the text.
    GOPHER_REPEATED_SEQUENCES,
    /// C4: the document contains the placeholder "lorem ipsum".
    C4_LOREM_IPSUM,
    /// C4: the document contains a curly bracket, as code does.
    C4_CURLY_BRACKET,
    /// C4: too few sentences are left after the removal of lines.
    C4_FEW_SENTENCES,
    /// FineWeb: too few lines end with a punctuation mark.
    FINEWEB_LINE_ENDS,
    /// FineWeb: too many characters are in lines that repeat earlier lines.
    FINEWEB_REPEATED_LINES,
    /// FineWeb: too many lines are short.
    FINEWEB_SHORT_LINES,
    /// The document shares a sequence of 13 words with an evaluation set.
    CONTAMINATED,
    /// An earlier document has the same text.
    EXACT_DUPLICATE,
    /// An earlier document has nearly the same text.
    NEAR_DUPLICATE,
    /// All of the document's paragraphs occur earlier.
    REPEATED_PARAGRAPHS,
    /// The document is kept.
    KEPT;

    /// The name in files.
    ///
    /// @return the name in lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
