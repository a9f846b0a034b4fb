package dev.saiki.eval.verify;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The texts that an endpoint continues.
public final class Prompts {

    /// Prose in several languages and scripts, code, digits and whitespace: tokenizers and position encodings
    /// treat these inputs differently.
    public static final List<String> USUAL = List.of(
            "Once upon a time, there was a little girl who lived at the edge of a forest.",
            "Die Straßen waren naß, und über den Dächern hing ein grauer Novemberhimmel; niemand sprach.",
            "El río cruza la ciudad de norte a sur y, según dicen, nunca se ha congelado.",
            "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
            "天地玄黄,宇宙洪荒。日月盈昃,辰宿列张。",
            "Москва была основана в двенадцатом веке на берегу реки, и с тех пор",
            "public static int gcd(int a, int b) {\n    while (b != 0) {\n        int t = a % b;\n        a = b;\n",
            "def mean(numbers):\n\treturn sum(numbers) / len(numbers)\n\nprint(mean([1, 2.5, 40]))\n",
            "1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584,",
            "Total:  $1,234.50 (10 % of 12345)\t—  see https://example.org/a?b=c&d=1 … 🙂👍🏽");

    private static final long MAX_BYTES = 1 << 20;
    private static final int MAX_PROMPTS = 1_000;

    private Prompts() {}

    /// Reads texts from a file, one per line; empty lines are skipped.
    ///
    /// @param file a UTF-8 text file
    /// @return the texts
    /// @throws InputException if the file is missing, is too large, is not UTF-8 or contains no text
    /// @throws IOException if the file cannot be read
    public static List<String> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw InputException.of(file.toString(), "--prompts", "a file with one text per line", "no such file");
        }
        if (Files.size(file) > MAX_BYTES) {
            throw InputException.of(
                    file.toString(), "the file", "at most " + MAX_BYTES + " bytes long", Files.size(file));
        }
        List<String> prompts;
        try {
            prompts = Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (CharacterCodingException e) {
            throw new InputException(file + ": the text must be UTF-8, but some of its bytes are not", e);
        }
        InputException.requireBetween(file + ": the number of texts", prompts.size(), 1, MAX_PROMPTS);
        return prompts;
    }
}
