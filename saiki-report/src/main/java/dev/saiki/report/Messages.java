package dev.saiki.report;

import dev.saiki.eval.Interval;
import dev.saiki.eval.format.Numbers;
import dev.saiki.io.Resources;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The messages of a report in one language.
///
/// Sentences are stored in `messages.properties` and `messages_ja.properties`, with named placeholders such as
/// `{model}` for figures. {@link java.text.MessageFormat} was considered: its placeholders are numbered, which
/// translators mix up, it formats numbers by itself, and it treats the apostrophe as a quote.
public final class Messages {

    private static final Pattern PLACE = Pattern.compile("\\{([a-zA-Z]+)}");

    /// The text for a missing number.
    public static final String NONE = "–";

    private static final Map<Language, Messages> ALL = all();

    private final Language language;
    private final Map<Object, Object> sentences;

    private Messages(Language language, Properties sentences) {
        this.language = language;
        this.sentences = Map.copyOf(sentences);
    }

    /// Returns the messages of a language.
    ///
    /// @param language the language
    /// @return the messages
    public static Messages in(Language language) {
        return Objects.requireNonNull(ALL.get(language));
    }

    /// A value for a placeholder.
    ///
    /// @param place name of the placeholder
    /// @param text the text to insert
    public record Argument(String place, String text) {}

    /// Creates a value for a placeholder.
    ///
    /// @param place name of the placeholder
    /// @param value the value, converted by its `toString`
    /// @return the argument
    public static Argument with(String place, Object value) {
        return new Argument(place, value.toString());
    }

    /// Writes a sentence.
    ///
    /// @param key name of the sentence
    /// @param arguments the values of the placeholders; values for placeholders that the sentence lacks are
    ///     ignored
    /// @return the text; values are inserted unchanged
    /// @throws IllegalArgumentException if there is no sentence with this key, or a placeholder has no value
    public String format(String key, Argument... arguments) {
        @Nullable String sentence = (String) sentences.get(key);
        if (sentence == null) {
            throw new IllegalArgumentException("there is no sentence " + key + " in " + language);
        }
        Map<String, String> values = Stream.of(arguments).collect(Collectors.toMap(Argument::place, Argument::text));
        if (!values.keySet().containsAll(places(sentence))) {
            throw new IllegalArgumentException(
                    key + " has the placeholders " + places(sentence) + ", got values for " + values.keySet());
        }
        return PLACE.matcher(sentence)
                .replaceAll(place -> Matcher.quoteReplacement(Objects.requireNonNull(values.get(place.group(1)))));
    }

    /// Returns a sentence without placeholders.
    ///
    /// @param key the sentence's key
    /// @param other the text if there is no such sentence
    /// @return the sentence
    public String formatOr(String key, String other) {
        return sentences.containsKey(key) ? format(key) : other;
    }

    /// Returns the key of a constant's sentence.
    ///
    /// @param subject the part of the key before the dot
    /// @param constant the constant
    /// @return the key
    public static String key(String subject, Enum<?> constant) {
        return subject + "." + constant.name().toLowerCase(Locale.ROOT);
    }

    /// Writes an interval without its mean.
    ///
    /// @param low text of the lower end
    /// @param high text of the upper end
    /// @return a text such as `0.1 to 0.3`
    public String range(String low, String high) {
        return format("number.range", with("low", low), with("high", high));
    }

    /// Writes a number with its interval.
    ///
    /// @param interval the number with its interval, whose ends may be unknown
    /// @param words converts each number to text
    /// @return a text such as `0.2 (0.1 to 0.3)`; a dash if the number is unknown
    public String interval(Interval interval, DoubleFunction<String> words) {
        if (!Double.isFinite(interval.mean())) {
            return NONE;
        }
        String value = words.apply(interval.mean());
        return Double.isFinite(interval.low())
                ? format(
                        "number.withRange",
                        with("value", value),
                        with("low", words.apply(interval.low())),
                        with("high", words.apply(interval.high())))
                : value;
    }

    /// Writes a difference with its interval.
    ///
    /// @param interval the difference with its interval
    /// @param decimals number of decimals
    /// @return the text, with signs
    public String signed(Interval interval, int decimals) {
        return interval(interval, value -> Numbers.signed(value, decimals));
    }

    /// Writes a number with its interval.
    ///
    /// @param interval the number with its interval
    /// @param decimals number of decimals
    /// @return the text, without signs
    public String fixed(Interval interval, int decimals) {
        return interval(interval, value -> Numbers.fixed(value, decimals));
    }

    /// Writes a share with its interval.
    ///
    /// @param interval the share with its interval
    /// @return the text, in percent
    public String percent(Interval interval) {
        return interval(interval, value -> Numbers.percent(value, 1));
    }

    /// Returns the names of all sentences.
    Set<Object> keys() {
        return sentences.keySet();
    }

    /// A sentence with its placeholders.
    String sentence(String key) {
        return (String) Objects.requireNonNull(sentences.get(key), key);
    }

    static Set<String> places(String text) {
        Set<String> names = new TreeSet<>();
        PLACE.matcher(text).results().forEach(place -> names.add(place.group(1)));
        return names;
    }

    private static Map<Language, Messages> all() {
        Map<Language, Messages> all = new EnumMap<>(Language.class);
        for (Language language : Language.values()) {
            String name = switch (language) {
                case ENGLISH -> "messages.properties";
                case JAPANESE -> "messages_ja.properties";
            };
            all.put(
                    language,
                    new Messages(language, Resources.properties(Messages.class.getResourceAsStream(name), name)));
        }
        return all;
    }
}
