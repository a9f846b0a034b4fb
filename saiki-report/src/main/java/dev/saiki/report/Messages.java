package dev.saiki.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The messages of a report in one language.
///
/// Sentences are stored in `messages.properties` and `messages_ja.properties`, with named placeholders such as
/// `{model}` for figures. {@link java.text.MessageFormat} was considered: it numbers its placeholders, which
/// translators mix up, formats numbers by itself, and treats the apostrophe as a quote.
public final class Messages {

    private static final Pattern PLACE = Pattern.compile("\\{([a-zA-Z]+)}");

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
    /// @return its words
    public static Messages in(Language language) {
        return Objects.requireNonNull(ALL.get(language));
    }

    /// Returns the language.
    ///
    /// @return the language
    public Language language() {
        return language;
    }

    /// Writes a sentence.
    ///
    /// @param key its name
    /// @param namesAndValues alternating names and values of the placeholders
    /// @return the text; values are inserted unchanged
    /// @throws IllegalArgumentException if there is no such sentence, or its placeholders differ from those given
    public String format(String key, Object... namesAndValues) {
        @Nullable Object sentence = sentences.get(key);
        if (sentence == null) {
            throw new IllegalArgumentException("no words for " + key + " in " + language);
        }
        String text = (String) sentence;
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put((String) namesAndValues[i], String.valueOf(namesAndValues[i + 1]));
        }
        if (!places(text).equals(values.keySet())) {
            throw new IllegalArgumentException(
                    key + " has the places " + places(text) + ", got values for " + values.keySet());
        }
        return PLACE.matcher(text)
                .replaceAll(place -> Matcher.quoteReplacement(Objects.requireNonNull(values.get(place.group(1)))));
    }

    /// Returns the names of all sentences.
    Set<Object> keys() {
        return sentences.keySet();
    }

    /// Returns the names of a sentence's placeholders.
    Set<String> placesOf(String key) {
        return places(sentence(key));
    }

    /// A sentence with its placeholders.
    String sentence(String key) {
        return (String) Objects.requireNonNull(sentences.get(key), key);
    }

    private static Set<String> places(String text) {
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
            all.put(language, new Messages(language, read(name)));
        }
        return all;
    }

    private static Properties read(String name) {
        Properties properties = new Properties();
        try (InputStream input = Objects.requireNonNull(Messages.class.getResourceAsStream(name), name);
                Reader reader = new InputStreamReader(input, StandardCharsets.UTF_8)) {
            properties.load(reader);
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name + " from the program's own files", e);
        }
    }
}
