package dev.saiki.cli.serving;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.AgreementCheck;
import dev.saiki.rollout.check.Check;
import dev.saiki.rollout.check.CommandCheck;
import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.check.HookCheck;
import dev.saiki.rollout.check.LatencyCheck;
import dev.saiki.rollout.check.RegexCheck;
import dev.saiki.rollout.check.SchemaCheck;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.train.recipe.SectionReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// The reader of the gates in a gateway's plan.
///
/// @param folder that paths are relative to
record GateReader(Path folder) {

    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(10);

    /// The kinds of checks.
    private enum Kind {
        ERRORS,
        LATENCY,
        REGEX,
        JSON_SCHEMA,
        EXACT,
        NORMALISED,
        FEEDBACK,
        COMMAND,
        HTTP
    }

    /// Reads a gate.
    RolloutGate gate(SectionReader reader) {
        if (!reader.has("check")) {
            throw new InputException(reader.pathOf("check") + " must be one of "
                    + String.join(", ", SectionReader.spellings(Kind.class).keySet()) + ", got nothing");
        }
        Kind kind = reader.choice("check", SectionReader.spellings(Kind.class), () -> Kind.ERRORS);
        String name = reader.text("name").orElse(kind.name().toLowerCase(Locale.ROOT));
        return new RolloutGate(
                name,
                check(kind, reader),
                reader.number("tolerance", 0),
                reader.flag("retreats", true),
                reader.flag("promotes", true));
    }

    private Check check(Kind kind, SectionReader reader) {
        return switch (kind) {
            case ERRORS -> new ErrorCheck();
            case LATENCY ->
                new LatencyCheck(
                        GatewayPlanReader.duration(reader, "limit", Duration.ofSeconds(2)),
                        reader.choice("of", Map.of("first_byte", false, "answer", true), () -> false));
            case REGEX -> new RegexCheck(pattern(reader, required(reader, "pattern", "a regular expression")));
            case JSON_SCHEMA -> SchemaCheck.of(schema(folder.resolve(required(reader, "schema", "a file"))));
            case EXACT -> new AgreementCheck(false);
            case NORMALISED -> new AgreementCheck(true);
            case FEEDBACK -> new FeedbackCheck();
            case COMMAND -> new CommandCheck(command(reader), timeout(reader));
            case HTTP -> new HookCheck(url(reader), timeout(reader));
        };
    }

    private static String required(SectionReader reader, String key, String what) {
        Optional<String> text = reader.text(key);
        return text.orElseThrow(() -> new InputException(reader.pathOf(key) + " must be " + what + ", got nothing"));
    }

    private static Pattern pattern(SectionReader reader, String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new InputException(
                    reader.pathOf("pattern") + " must be a regular expression, got " + text + " (" + e.getDescription()
                            + ")",
                    e);
        }
    }

    private static String schema(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InputException(file + ": no such schema that can be read", e);
        }
    }

    private static List<String> command(SectionReader reader) {
        List<String> words = reader.texts("command");
        if (words.isEmpty()) {
            throw new InputException(reader.pathOf("command")
                    + " must be a list of the program and its arguments, such as [python3, check.py], got nothing");
        }
        return words;
    }

    private static URI url(SectionReader reader) {
        String text = required(reader, "url", "the address of a service");
        try {
            URI url = URI.create(text);
            if (url.getHost() != null && String.valueOf(url.getScheme()).startsWith("http")) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw new InputException(reader.pathOf("url") + " must be an address, got " + text, e);
        }
        throw new InputException(
                reader.pathOf("url") + " must be an address such as http://10.0.0.5/check, got " + text);
    }

    private static Duration timeout(SectionReader reader) {
        return GatewayPlanReader.duration(reader, "timeout", USUAL_TIMEOUT);
    }
}
