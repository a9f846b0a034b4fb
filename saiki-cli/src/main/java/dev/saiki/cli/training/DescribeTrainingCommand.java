package dev.saiki.cli.training;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.cli.model.MemoryText;
import dev.saiki.cli.model.Recipes;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.io.InputException;
import dev.saiki.train.plan.DeviceProfile;
import dev.saiki.train.plan.ScalingPlan;
import dev.saiki.train.plan.StepTime;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki describe training`: estimates the cost of a training.
@Command(name = "training")
public final class DescribeTrainingCommand extends JsonCommand {

    @Option(names = "--recipe", paramLabel = "FILE", required = true)
    private Path recipe = Path.of("");

    @Option(names = "--set", paramLabel = "KEY=VALUE", arity = "1..*")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--tokens", paramLabel = "N")
    private @Nullable Double tokens;

    @Mixin
    private DeviceOption device = new DeviceOption();

    @Option(names = "--processes", paramLabel = "N", split = ",")
    private List<Integer> processes = new ArrayList<>();

    @Option(names = "--price", paramLabel = "F")
    private @Nullable Double price;

    @Override
    protected void run() {
        Recipe run = Recipes.load(recipe, overrides, console);
        ModelConfig config = Recipes.modelOf(run);
        long wanted = tokens == null ? run.totalSteps(0) * run.batch().tokens() : Math.round(tokens);
        InputException.requireAtLeast("--tokens: the number", wanted, 1);
        if (price != null && !(price >= 0)) {
            throw InputException.of("--price", "the price", "at least 0", price);
        }
        ScalingPlan plan = ScalingPlan.of(
                config,
                run,
                new ScalingPlan.Question(
                        device.profile(),
                        wanted,
                        numbers(run),
                        price == null ? OptionalDouble.empty() : OptionalDouble.of(price)));
        print(toJson(plan), () -> print(plan));
    }

    private List<Integer> numbers(Recipe run) {
        int most = run.batch().sequences() / run.batch().microBatchSequences();
        List<Integer> numbers = new ArrayList<>(processes);
        if (numbers.isEmpty()) {
            for (int number = 1; number <= most; number *= 2) {
                numbers.add(number);
            }
        }
        for (int number : numbers) {
            if (number < 1 || number > most) {
                throw InputException.of(
                        "--processes", "each number", "from 1 to the micro-batches of a step (" + most + ")", number);
            }
        }
        return numbers;
    }

    private void print(ScalingPlan plan) {
        DeviceProfile profile = plan.device();
        row("device", profile.name());
        row("figures", profile.source());
        row("tokens", NumberFormats.count(plan.tokens()));
        row("memory", MemoryText.parts(plan.rows().getFirst().memory()));
        printf(
                "%n%9s  %10s  %9s  %9s  %10s  %12s  %10s  %12s  %s%n",
                "processes",
                "memory",
                "step, s",
                "network",
                "sent",
                "tokens/s",
                "efficiency",
                "time",
                price == null ? "" : "price");
        plan.rows().forEach(this::print);
        ScalingPlan.Limits limits = plan.limits();
        printf(
                "%nEfficiency is at least 0.9 up to %,d processes, and at least 0.5 up to %,d processes. A step has %,d"
                        + " micro-batches: more processes would be idle.%n",
                limits.atNineTenths(), limits.atHalf(), limits.mostProcesses());
        if (plan.rows().stream().anyMatch(row -> row.memory().total() > profile.memoryBytes())) {
            println(
                    "! the training does not fit into " + NumberFormats.bytes(profile.memoryBytes())
                            + ": use smaller micro-batches, precision.activation_checkpointing, or parallelism.shard_optimizer.");
        }
    }

    private void print(ScalingPlan.Row row) {
        StepTime step = row.step();
        boolean fits = row.memory().total() <= device.profile().memoryBytes();
        printf(
                "%9d  %10s  %9.4g  %8.1f%%  %10s  %12s  %10.2f  %12s  %s%n",
                row.processes(),
                NumberFormats.bytes(row.memory().total()) + (fits ? "" : " !"),
                step.total(),
                100 * step.network() / step.total(),
                NumberFormats.bytes(step.bytesSent()),
                NumberFormats.count(Math.round(row.tokensPerSecond())),
                row.efficiency(),
                NumberFormats.duration(Math.round(row.seconds())),
                row.price().isPresent()
                        ? NumberFormats.count(Math.round(row.price().getAsDouble()))
                        : "");
    }

    private static ObjectNode toJson(ScalingPlan plan) {
        ObjectNode root = JsonOutput.object();
        root.put("device", plan.device().name());
        root.put("figures", plan.device().source());
        root.put("tokens", plan.tokens());
        for (ScalingPlan.Row row : plan.rows()) {
            ObjectNode node = root.withArray("/plans").addObject();
            node.put("processes", row.processes());
            MemoryText.putParts(node.putObject("memory_bytes"), row.memory());
            StepTime step = row.step();
            ObjectNode seconds = node.putObject("step_seconds");
            seconds.put("products", step.products());
            seconds.put("elementwise", step.elementwise());
            seconds.put("parameters", step.parameters());
            seconds.put("network", step.network());
            seconds.put("total", step.total());
            node.put("sent_bytes_per_step", step.bytesSent());
            node.put("tokens_per_second", row.tokensPerSecond());
            node.put("efficiency", row.efficiency());
            node.put("seconds", row.seconds());
            row.price().ifPresent(cost -> node.put("price", cost));
        }
        ObjectNode limits = root.putObject("limits");
        limits.put("most_processes", plan.limits().mostProcesses());
        limits.put("efficiency_0_9", plan.limits().atNineTenths());
        limits.put("efficiency_0_5", plan.limits().atHalf());
        return root;
    }
}
