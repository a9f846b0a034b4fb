package dev.saiki.cli.audit;

import dev.saiki.chat.GenerationSettings;
import dev.saiki.cli.model.DepthHighlighter;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ResultCommand;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.Interval;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.consistency.ConsistencyAudit;
import dev.saiki.eval.consistency.ConsistencyPrompt;
import dev.saiki.eval.consistency.PromptMeasurement;
import dev.saiki.eval.consistency.PromptMeter;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatEncoder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki audit consistency`: whether depth or answers vary across inputs that should be equivalent.
@Command(name = "consistency")
public final class AuditConsistencyCommand extends ResultCommand {

    private static final String ROW = "%-20s  %-24s  %-26s  %s%n";

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Option(names = "--prompts", paramLabel = "FILE", required = true)
    private Path prompts = Path.of("");

    @Option(names = "--effort", paramLabel = "E")
    private @Nullable Double effort;

    @Option(names = "--max-tokens", paramLabel = "N")
    private int maxTokens = 32;

    @Option(names = "--examples", paramLabel = "N")
    private int examples = 3;

    @Option(names = "--seed", paramLabel = "N")
    private long seed = 1;

    @Override
    protected void run() throws IOException {
        if (maxTokens < 1 || examples < 0) {
            throw new InputException(
                    "--max-tokens must be at least 1 and --examples at least 0, got " + maxTokens + " and " + examples);
        }
        List<ConsistencyPrompt> asked = ConsistencyPrompt.read(prompts);
        RouteSettings route = new GenerationSettings(effort, null, null, null).route();
        List<PromptMeasurement> measured = new ArrayList<>();
        int deepest;
        try (Engine engine = Engine.open(model, EngineOptions.DEFAULT)) {
            deepest = engine.config().numRecursions();
            ChatEncoder encoder = ChatEncoder.of(engine.checkpoint().path(), engine.tokenizer(), Clock.systemUTC());
            PromptMeter meter = new PromptMeter(engine, encoder, route, maxTokens);
            for (ConsistencyPrompt prompt : asked) {
                measured.add(meter.measure(prompt));
            }
        }
        ConsistencyAudit audit = ConsistencyAudit.of(measured, examples, ConsistencyAudit.deals(seed));
        publish(JsonOutput.document(RecordJson.MAPPER.valueToTree(audit)), () -> print(audit, deepest));
    }

    private void print(ConsistencyAudit audit, int deepest) {
        PrintStream text = console.out();
        text.printf(ROW, "group", "depth, 95 % interval", "minus the item's mean", "answers as in other groups");
        for (ConsistencyAudit.Group group : audit.groups()) {
            text.printf(
                    ROW,
                    group.name(),
                    interval("%.3f", group.depth()),
                    interval("%+.3f", group.difference()),
                    NumberFormats.text("%.1f %%", 100 * group.agreement()));
        }
        text.print(NumberFormats.text(
                "%ndepth depends on the group: %s (p = %.4f, by permutation within items)%n",
                audit.pValueOfDepth() <= 0.05 ? "yes" : "not shown", audit.pValueOfDepth()));
        text.print(NumberFormats.text(
                "agreement of answers depends on the group: %s (p = %.4f); %.1f %% of the items have the same answer"
                        + " in all groups%n",
                audit.pValueOfAgreement() <= 0.05 ? "yes" : "not shown",
                audit.pValueOfAgreement(),
                100 * audit.equalAnswers()));
        DepthHighlighter depths = new DepthHighlighter(console.outHasColour());
        for (List<PromptMeasurement> item : audit.examples()) {
            text.printf("%n%s%n", item.getFirst().item());
            for (PromptMeasurement measurement : item) {
                String tokens = measurement.tokens().stream()
                        .map(token -> depths.token(token.text(), token.depth()))
                        .collect(Collectors.joining());
                text.print(NumberFormats.text(
                        "  %s, depth %.3f: %s%n    answer: %s%n",
                        measurement.group(),
                        measurement.meanDepth(),
                        tokens.replace("\n", "\\n"),
                        measurement.answer()));
            }
        }
        if (!audit.examples().isEmpty()) {
            text.printf("%n%s%n", depths.legend(deepest));
        }
    }

    private static String interval(String number, Interval interval) {
        return NumberFormats.text(
                number + " [" + number + ", " + number + "]", interval.mean(), interval.low(), interval.high());
    }
}
