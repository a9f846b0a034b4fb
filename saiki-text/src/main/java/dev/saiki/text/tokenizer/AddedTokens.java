package dev.saiki.text.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The added tokens of a tokenizer, with a search for them in texts.
final class AddedTokens {

    /// A part of a text: an added token, or the text `[from, to)`, which contains none.
    record Part(int from, int to, OptionalInt token) {}

    private final Map<String, AddedToken> tokens = new HashMap<>();
    private final Pattern pattern;

    AddedTokens(List<AddedToken> added) {
        added.forEach(token -> tokens.put(token.content(), token));
        pattern = Pattern.compile(added.stream()
                .map(AddedToken::content)
                .sorted(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()))
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
    }

    Optional<Integer> id(String content) {
        return Optional.ofNullable(tokens.get(content)).map(AddedToken::id);
    }

    boolean isEmpty() {
        return tokens.isEmpty();
    }

    /// Matches all occurrences of added tokens in a text.
    Matcher matcher(String text) {
        return pattern.matcher(text);
    }

    /// Splits a text at its added tokens, into parts that are not empty.
    List<Part> split(String text) {
        List<Part> parts = new ArrayList<>();
        int start = 0;
        Matcher matcher = pattern.matcher(text);
        while (!tokens.isEmpty() && matcher.find()) {
            AddedToken token = Optional.ofNullable(tokens.get(matcher.group())).orElseThrow();
            boolean taken = matcher.start() < start;
            if (taken || (token.singleWord() && touchesWord(text, matcher.start(), matcher.end()))) {
                continue;
            }
            int from = token.takesSpaceBefore() ? spaceBefore(text, start, matcher.start()) : matcher.start();
            if (from > start) {
                parts.add(new Part(start, from, OptionalInt.empty()));
            }
            parts.add(new Part(from, matcher.end(), OptionalInt.of(token.id())));
            start = token.takesSpaceAfter() ? spaceAfter(text, matcher.end()) : matcher.end();
        }
        if (start < text.length()) {
            parts.add(new Part(start, text.length(), OptionalInt.empty()));
        }
        return parts;
    }

    /// Whether a text ends with something other than an added token; false if the text is empty.
    boolean endsWithText(String text) {
        List<Part> parts = split(text);
        return !parts.isEmpty() && parts.getLast().token().isEmpty();
    }

    private static boolean touchesWord(String text, int from, int to) {
        return (from > 0 && isWord(text.codePointBefore(from))) || (to < text.length() && isWord(text.codePointAt(to)));
    }

    private static boolean isWord(int character) {
        return Character.isLetterOrDigit(character)
                || character == '_'
                || Character.getType(character) == Character.CONNECTOR_PUNCTUATION
                || Character.getType(character) == Character.NON_SPACING_MARK;
    }

    private static int spaceBefore(String text, int least, int end) {
        int at = end;
        while (at > least && WordSplitter.isSpace(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    private static int spaceAfter(String text, int start) {
        int at = start;
        while (at < text.length() && WordSplitter.isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }
}
