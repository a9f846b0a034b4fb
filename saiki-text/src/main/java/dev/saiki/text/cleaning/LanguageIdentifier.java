package dev.saiki.text.cleaning;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.MissingResourceException;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;
import org.jspecify.annotations.Nullable;

/// An identifier of the language of a text, by Apache OpenNLP and its model of 103 languages.
///
/// Alternatives considered: Optimaize's language-detector draws random numbers and has not been released since 2016;
/// Lingua adds the Kotlin library and 80 MB of models; the fastText model that FineWeb used is published without a
/// Java library. OpenNLP's result depends only on the text.
final class LanguageIdentifier {

    /// The number of characters at the start of a text that are examined.
    private static final int EXAMINED = 2000;

    private static final String MODEL_FILE = "langdetect-183.bin";

    /// The model, loaded at the first use.
    private static final class Model {
        private static final LanguageDetectorModel LOADED = load();

        private static LanguageDetectorModel load() {
            ClassLoader classes = LanguageIdentifier.class.getClassLoader();
            try (InputStream input = classes.getResourceAsStream(MODEL_FILE)) {
                if (input == null) {
                    throw new IllegalStateException(MODEL_FILE + " is missing; it is in opennlp-models-langdetect");
                }
                return new LanguageDetectorModel(input);
            } catch (IOException e) {
                throw new UncheckedIOException(MODEL_FILE + " cannot be read", e);
            }
        }
    }

    private @Nullable LanguageDetectorME detector;

    /// The most probable language of a text, as an ISO 639-3 code.
    String language(String text) {
        if (detector == null) {
            detector = new LanguageDetectorME(Model.LOADED);
        }
        return detector.predictLanguage(text.substring(0, Math.min(text.length(), EXAMINED)))
                .getLang();
    }

    /// The ISO 639-3 code of a language.
    ///
    /// @param code an ISO 639-1 or ISO 639-3 code
    /// @throws InputException if the model does not know the language
    static String known(String code) {
        List<String> known = List.of(new LanguageDetectorME(Model.LOADED).getSupportedLanguages());
        String language = code.toLowerCase(Locale.ROOT);
        try {
            language = Locale.of(language).getISO3Language();
        } catch (MissingResourceException e) {
            // Not an ISO 639-1 code; the check below refuses it.
        }
        InputException.require(
                known.contains(language),
                "data: languages must be ISO 639 codes" + Suggestions.hint(language, known) + ", got " + code);
        return language;
    }
}
