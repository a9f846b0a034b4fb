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
/// The language is the part of Jinja that such templates use, with the settings and functions that transformers
/// gives them (`trim_blocks`, `lstrip_blocks`, `break` and `continue`, `tojson`, `raise_exception`,
/// `strftime_now`). What is not known is refused when the template is read, with its line. A template computes
/// with strings, numbers, lists and dictionaries that are made here, and there is nothing else that it could
/// reach; its steps, and what it makes, are counted and bounded. Immutable, and safe for any number of threads.
///
/// Written here, and not left to Jinjava, the one library for Jinja on the JVM: that one hands Java objects to
/// the template and shuts off what must not be called on them, which failed twice within a year
/// (CVE-2025-59340, CVE-2026-25526); it takes 28 files of 10 MB, and it writes down values otherwise than the
/// models have seen.
public final class ChatTemplate {

    /// Longest template that is read, in characters.
    private static final int LONGEST = 1 << 18;

    /// Steps, and characters made, for each rendering: a conversation of 4 MiB takes about half of them.
    private static final long MOST_STEPS = 50_000_000;

    private static final long MOST_NUMBERS = 100_000;

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
    /// @param where what to call it in messages
    /// @param clock what it may ask for the date
    /// @return the template
    /// @throws InputException naming the line and what is not understood or not supported there
    public static ChatTemplate parse(String source, String where, Clock clock) {
        if (source.length() > LONGEST) {
            throw InputException.of(where, "the template", "at most " + LONGEST + " characters", source.length());
        }
        try {
            return new ChatTemplate(TemplateParser.parse(source), where, clock);
        } catch (InputException mistake) {
            throw new InputException(where + ", " + mistake.getMessage(), mistake);
        }
    }

    /// Writes a conversation down.
    ///
    /// @param variables by name: `messages`, `tools`, `add_generation_prompt`, `bos_token` and so on
    /// @return the text
    /// @throws InputException if the template refuses the conversation, with its own words; or fails, or does
    ///     too much, with the line at which it did
    public String render(Map<String, JsonNode> variables) {
        Budget budget = new Budget(MOST_STEPS);
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
                        new Value.Function("dict", arguments -> new Value.Fields(arguments.onlyNamed("dict"))),
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
        if (step == 0) {
            throw new InputException("the step of a range must not be 0");
        }
        long count = Math.max(0, Math.ceilDiv(Math.subtractExact(to, from), step));
        if (count > MOST_NUMBERS) {
            throw new InputException("a range must have at most " + MOST_NUMBERS + " numbers, got " + count);
        }
        budget.chargeItems(count);
        return new Value.Items(LongStream.range(0, count)
                .<Value>mapToObj(i -> new Value.Int(from + i * step))
                .toList());
    }

    /// The date, as C's `strftime` has it.
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
