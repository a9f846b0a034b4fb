package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/// A chat template: a program in a checkpoint that formats a conversation as the model was trained to read it.
///
/// The language is the part of Jinja that chat templates use, with the settings and functions of Hugging Face's
/// transformers library (`trim_blocks`, `lstrip_blocks`, `break` and `continue`, `tojson`, `raise_exception`,
/// `strftime_now`). Unknown constructs are refused, with their line, when the template is parsed. A template
/// computes only with strings, numbers, lists and dictionaries of this package and cannot reach anything else; its
/// steps and output are bounded. Immutable and thread-safe.
///
/// Jinjava, the one library for Jinja on the JVM, was not used: it exposes Java objects to the template and blocks
/// individual methods, which failed twice within a year (CVE-2025-59340, CVE-2026-25526). Jinjava also takes 28
/// files, 10 MB in all, and formats some values differently from the text that the models were trained on.
public final class ChatTemplate {

    /// The maximum length of a template, in characters.
    private static final int MAX_LENGTH = 1 << 18;

    /// The limit on steps and characters of one rendering: a conversation of 4 MiB takes about half of it.
    private static final long MAX_STEPS = 50_000_000;

    private static final long MAX_NUMBERS = 100_000;

    private final List<Statement> statements;
    private final String where;
    private final Clock clock;

    private ChatTemplate(List<Statement> statements, String where, Clock clock) {
        this.statements = statements;
        this.where = where;
        this.clock = clock;
    }

    /// Reads a template.
    ///
    /// @param source the template
    /// @param where the name of the template in messages
    /// @param clock the source of the date for the template
    /// @return the template
    /// @throws InputException naming the line and the construct that is invalid or unsupported
    public static ChatTemplate parse(String source, String where, Clock clock) {
        if (source.length() > MAX_LENGTH) {
            throw InputException.of(where, "the template", "at most " + MAX_LENGTH + " characters", source.length());
        }
        try {
            return new ChatTemplate(TemplateParser.parse(source), where, clock);
        } catch (InputException mistake) {
            throw new InputException(where + ", " + mistake.getMessage(), mistake);
        }
    }

    /// Writes a conversation as text.
    ///
    /// @param variables values by name: `messages`, `tools`, `add_generation_prompt`, `bos_token` and so on
    /// @return the text
    /// @throws InputException with the template's own message if it refuses the conversation; with the line if the
    ///     template fails or exceeds its budget
    public String render(Map<String, JsonNode> variables) {
        Budget budget = new Budget(MAX_STEPS);
        Map<String, Value> globals = new HashMap<>(functions(budget));
        variables.forEach((name, value) -> globals.put(name, Value.of(value)));
        try {
            return new Renderer(globals, budget).render(statements);
        } catch (InputException failure) {
            throw new InputException(where + ", " + failure.getMessage(), failure);
        }
    }

    private Map<String, Value> functions(Budget budget) {
        return List.of(
                        new Value.Function("raise_exception", arguments -> {
                            throw new InputException(
                                    arguments.bind("raise_exception", "message").text("message"));
                        }),
                        new Value.Function(
                                "strftime_now",
                                arguments -> new Value.Text(now(
                                        arguments.bind("strftime_now", "format").text("format")))),
                        new Value.Function(
                                "namespace",
                                arguments -> new Value.Namespace(new HashMap<>(arguments.onlyNamed("namespace")))),
                        new Value.Function("dict", arguments -> Value.Fields.named(arguments.onlyNamed("dict"))),
                        new Value.Function("range", arguments -> range(arguments, budget)))
                .stream()
                .collect(Collectors.toMap(Value.Function::name, function -> function));
    }

    private static Value range(Arguments arguments, Budget budget) {
        Arguments.Bound bound = arguments.bind("range", "start", "stop", "step");
        boolean one = arguments.positional().size() == 1;
        long from = one ? 0 : bound.integer("start", 0);
        long to = one ? bound.integer("start", 0) : bound.integer("stop", 0);
        long step = bound.integer("step", 1);
        InputException.require(step != 0, "the step of a range must not be 0");
        long count = Math.max(0, Math.ceilDiv(Math.subtractExact(to, from), step));
        if (count > MAX_NUMBERS) {
            throw new InputException("a range must have at most " + MAX_NUMBERS + " numbers, got " + count);
        }
        budget.chargeItems(count);
        return new Value.Items(LongStream.range(0, count)
                .<Value>mapToObj(i -> new Value.Int(from + i * step))
                .toList());
    }

    /// The date, formatted like C's `strftime`.
    private String now(String format) {
        ZonedDateTime now = ZonedDateTime.now(clock);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c == '%' && i + 1 < format.length()) {
                i++;
                text.append(part(now, format.charAt(i)));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    private static String part(ZonedDateTime now, char what) {
        String pattern = switch (what) {
            case 'd' -> "dd";
            case 'm' -> "MM";
            case 'b' -> "MMM";
            case 'B' -> "MMMM";
            case 'y' -> "yy";
            case 'Y' -> "yyyy";
            case 'a' -> "EEE";
            case 'A' -> "EEEE";
            case 'j' -> "DDD";
            case 'H' -> "HH";
            case 'I' -> "hh";
            case 'M' -> "mm";
            case 'S' -> "ss";
            case 'p' -> "a";
            case '%' -> "'%'";
            default -> throw new InputException("strftime_now does not support %" + what);
        };
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
    }
}
