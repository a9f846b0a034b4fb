package dev.saiki.text.cleaning;

import java.util.List;

/// The rules on a document's own text. An instance belongs to one thread.
public final class DocumentCleaner {

    private final CleaningOptions options;
    private final LanguageIdentifier identifier = new LanguageIdentifier();

    /// Creates a cleaner.
    ///
    /// @param options the rules
    public DocumentCleaner(CleaningOptions options) {
        this.options = options;
    }

    /// A text after cleaning.
    ///
    /// @param text the text, which is complete only if it is kept
    /// @param verdict the first rule that the text violates, or {@link DocumentVerdict#KEPT}
    /// @param masked the number of masks of personal data in the text
    public record Cleaned(String text, DocumentVerdict verdict, long masked) {

        private static Cleaned removed(DocumentVerdict verdict) {
            return new Cleaned("", verdict, 0);
        }

        /// Whether the text is kept.
        ///
        /// @return false if a rule removes the text
        public boolean isKept() {
            return verdict == DocumentVerdict.KEPT;
        }
    }

    /// Applies the rules to a text.
    ///
    /// @param text the whole text
    /// @return the remaining text, or the first rule that the text violates
    public Cleaned clean(String text) {
        if (text.codePointCount(0, text.length()) < options.minCharacters()) {
            return Cleaned.removed(DocumentVerdict.TOO_SHORT);
        }
        if (options.minLetters() > 0 && letterShare(text) < options.minLetters()) {
            return Cleaned.removed(DocumentVerdict.FEW_LETTERS);
        }
        if (options.maxRepeatedLines() < 1 && new TextMeasures(text).repeatedLines() > options.maxRepeatedLines()) {
            return Cleaned.removed(DocumentVerdict.REPEATED_LINES);
        }
        if (!options.languages().isEmpty() && !options.languages().contains(identifier.language(text))) {
            return Cleaned.removed(DocumentVerdict.OTHER_LANGUAGE);
        }
        Cleaned rest = new Cleaned(text, DocumentVerdict.KEPT, 0);
        for (QualityRules rules : options.rules()) {
            rest = rest.isKept() ? apply(rules, rest.text()) : rest;
        }
        if (rest.isKept() && options.evaluation().occurIn(rest.text())) {
            return Cleaned.removed(DocumentVerdict.CONTAMINATED);
        }
        if (rest.isKept() && options.masksPersonalData()) {
            PersonalData masked = PersonalData.masked(rest.text());
            return new Cleaned(masked.text(), DocumentVerdict.KEPT, masked.count());
        }
        return rest;
    }

    private static Cleaned apply(QualityRules rules, String text) {
        return switch (rules) {
            case GOPHER -> judged(text, QualityRule.GOPHER);
            case C4 -> c4(text);
            case FINEWEB -> judged(text, QualityRule.FINEWEB);
        };
    }

    private static Cleaned judged(String text, List<QualityRule> rules) {
        TextMeasures measures = new TextMeasures(text);
        DocumentVerdict verdict = rules.stream()
                .filter(rule -> rule.removes(measures))
                .map(QualityRule::verdict)
                .findFirst()
                .orElse(DocumentVerdict.KEPT);
        return new Cleaned(text, verdict, 0);
    }

    private static Cleaned c4(String text) {
        if (C4Lines.LOREM_IPSUM.matcher(text).find()) {
            return Cleaned.removed(DocumentVerdict.C4_LOREM_IPSUM);
        }
        if (text.indexOf('{') >= 0) {
            return Cleaned.removed(DocumentVerdict.C4_CURLY_BRACKET);
        }
        String kept = C4Lines.kept(text);
        return C4Lines.sentences(kept) < C4Lines.MIN_SENTENCES
                ? Cleaned.removed(DocumentVerdict.C4_FEW_SENTENCES)
                : new Cleaned(kept, DocumentVerdict.KEPT, 0);
    }

    private static double letterShare(String text) {
        long letters = 0;
        long visible = 0;
        for (int at = 0; at < text.length(); ) {
            int codePoint = text.codePointAt(at);
            at += Character.charCount(codePoint);
            letters += Character.isLetter(codePoint) ? 1 : 0;
            visible += Character.isWhitespace(codePoint) ? 0 : 1;
        }
        return visible == 0 ? 0 : (double) letters / visible;
    }
}
