package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.rollout.check.AgreementCheck;
import dev.saiki.rollout.check.Check;
import dev.saiki.rollout.check.CommandCheck;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.EmbeddingCheck;
import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.ErrorRateCheck;
import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.check.GoldenCheck;
import dev.saiki.rollout.check.GoldenQuestion;
import dev.saiki.rollout.check.HookCheck;
import dev.saiki.rollout.check.JudgeCheck;
import dev.saiki.rollout.check.LatencyCheck;
import dev.saiki.rollout.check.LatencyQuantileCheck;
import dev.saiki.rollout.check.RegexCheck;
import dev.saiki.rollout.check.SchemaCheck;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The reader of a plan's gates.
///
/// @param folder the folder that paths are relative to
/// @param models reads the models called by checks
record GateReader(Path folder, RemoteModelReader models) {

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
    private static final double DEFAULT_QUANTILE = 0.95;
    /// The description of `model` in the message about a missing `model`.
    static final String MODEL_NAME = "the name of the model at that address";

    private static final double NANOS = 1e9;
    private static final String LIMIT = "limit";

    /// The kinds of checks.
    private enum Kind {
        ERRORS,
        DEPARTURES,
        LATENCY,
        ERROR_RATE,
        LATENCY_QUANTILE,
        REGEX,
        JSON_SCHEMA,
        EXACT,
        NORMALISED,
        FEEDBACK,
        COMMAND,
        HTTP,
        LIKELIHOOD,
        EMBEDDING,
        JUDGE,
        GOLDEN,
        PROMETHEUS,
        WEBHOOK
    }

    /// Reads a gate.
    PlannedGate gate(SectionReader reader) {
        if (!reader.has("check")) {
            throw new InputException(reader.pathOf("check") + " must be one of "
                    + String.join(", ", SectionReader.spellings(Kind.class).keySet()) + ", got nothing");
        }
        Kind kind = reader.choice("check", SectionReader.spellings(Kind.class), () -> Kind.ERRORS);
        String name = reader.text("name").orElse(kind.name().toLowerCase(Locale.ROOT));
        OperationReader levels = new OperationReader(models.keys());
        return switch (kind) {
            case PROMETHEUS -> levels.prometheus(name, reader);
            case WEBHOOK -> levels.webhook(name, reader);
            default ->
                new RolloutGate(
                        name,
                        check(kind, reader),
                        reader.number("tolerance", 0),
                        reader.flag("retreats", true),
                        reader.flag("promotes", true));
        };
    }

    private Check check(Kind kind, SectionReader reader) {
        return switch (kind) {
            case ERRORS -> new ErrorCheck(reader.flag("cut_off", true), reader.flag("doubtful", true));
            case DEPARTURES -> new DepartureCheck();
            case ERROR_RATE -> errorRate(reader);
            case LATENCY_QUANTILE -> latencyQuantile(reader);
            case LATENCY ->
                new LatencyCheck(GatewayPlanReader.duration(reader, LIMIT, Duration.ofSeconds(2)), isWhole(reader));
            case REGEX -> RegexCheck.of(reader.pathOf("pattern"), required(reader, "pattern", "a regular expression"));
            case JSON_SCHEMA ->
                SchemaCheck.of(GatewayPlanReader.text(folder.resolve(required(reader, "schema", "a file")), "schema"));
            case EXACT -> new AgreementCheck(false);
            case NORMALISED -> new AgreementCheck(true);
            case FEEDBACK -> new FeedbackCheck();
            case COMMAND -> new CommandCheck(command(reader), timeout(reader));
            case HTTP -> new HookCheck(url(reader, "http://10.0.0.5/check"), timeout(reader));
            case LIKELIHOOD -> models.both(reader);
            case EMBEDDING -> new EmbeddingCheck(models.named(reader));
            case JUDGE ->
                new JudgeCheck(models.named(reader), reader.text("instructions").orElse(""));
            case GOLDEN ->
                new GoldenCheck(questions(reader), GatewayPlanReader.duration(reader, "every", Duration.ofMinutes(1)));
            case PROMETHEUS, WEBHOOK -> throw new IllegalArgumentException(kind + " judges no answers");
        };
    }

    private static boolean isWhole(SectionReader reader) {
        return reader.choice("of", Map.of("first_byte", false, "answer", true), () -> false);
    }

    /// Reads a limit on a rate: a fixed rate, or the baseline's rate plus a margin.
    private static ErrorRateCheck errorRate(SectionReader reader) {
        requireOne(reader, LIMIT, "above_baseline");
        return reader.has(LIMIT)
                ? new ErrorRateCheck(reader.number(LIMIT, 0), false)
                : new ErrorRateCheck(reader.number("above_baseline", 0), true);
    }

    /// Reads a limit on a time: a fixed time, or a multiple of the baseline's time.
    private static LatencyQuantileCheck latencyQuantile(SectionReader reader) {
        requireOne(reader, LIMIT, "times_baseline");
        double quantile = reader.number("quantile", DEFAULT_QUANTILE);
        return reader.has(LIMIT)
                ? new LatencyQuantileCheck(
                        quantile,
                        isWhole(reader),
                        GatewayPlanReader.duration(reader, LIMIT, Duration.ofSeconds(2))
                                        .toNanos()
                                / NANOS,
                        false)
                : new LatencyQuantileCheck(quantile, isWhole(reader), reader.number("times_baseline", 1), true);
    }

    private static void requireOne(SectionReader reader, String one, String other) {
        if (reader.has(one) == reader.has(other)) {
            throw new InputException("either " + reader.pathOf(one) + " or " + reader.pathOf(other)
                    + " must be given, got " + (reader.has(one) ? "both" : "none"));
        }
    }

    private List<GoldenQuestion> questions(SectionReader reader) {
        Path file = folder.resolve(required(reader, "file", "a file of questions, one JSON object per line"));
        String lines = GatewayPlanReader.text(file, "golden set");
        return GoldenQuestion.read(file.toString(), lines, GatewayPlanReader.fields(reader, "fields"));
    }

    /// A required text.
    static String required(SectionReader reader, String key, String what) {
        Optional<String> text = reader.text(key);
        return text.orElseThrow(() -> new InputException(reader.pathOf(key) + " must be " + what + ", got nothing"));
    }

    private static List<String> command(SectionReader reader) {
        List<String> words = reader.texts("command");
        if (words.isEmpty()) {
            throw new InputException(reader.pathOf("command")
                    + " must list the program and its arguments, such as [python3, check.py], got nothing");
        }
        return words;
    }

    /// The address of an HTTP service.
    ///
    /// @param example an example of an address
    static URI url(SectionReader reader, String example) {
        String text = required(reader, "url", "an address such as " + example);
        return address(text)
                .orElseThrow(() -> new InputException(
                        reader.pathOf("url") + " must be an address such as " + example + ", got " + text));
    }

    /// Parses an address; empty if the text is none.
    static Optional<URI> address(String text) {
        try {
            URI url = new URI(text);
            boolean isOfService =
                    url.getHost() != null && String.valueOf(url.getScheme()).matches("https?");
            return isOfService ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /// The time limit of a service.
    static Duration timeout(SectionReader reader) {
        return GatewayPlanReader.duration(reader, "timeout", DEFAULT_TIMEOUT);
    }
}
