package dev.saiki.train.plan;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.train.recipe.Recipe;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// A scaling estimate: the cost of one training run on several numbers of processes, where each process has a
/// device of its own.
///
/// @param device the device of each process
/// @param tokens the number of training tokens of the whole run
/// @param rows one row for each number of processes
/// @param limits the numbers of processes beyond which more processes bring little or nothing
public record ScalingPlan(DeviceProfile device, long tokens, List<Row> rows, Limits limits) {

    /// Copies the list.
    ///
    /// @param device the device of each process
    /// @param tokens training tokens of the whole run
    /// @param rows one row for each number of processes
    /// @param limits the numbers of processes beyond which more processes bring little
    public ScalingPlan {
        rows = List.copyOf(rows);
    }

    /// The estimate for one number of processes.
    ///
    /// @param processes the number of processes
    /// @param memory the memory of each process
    /// @param step the time of a step
    /// @param tokensPerSecond the throughput of all processes together
    /// @param efficiency the speedup over one process, divided by the number of processes
    /// @param seconds the time of the whole run, without validation and saving
    /// @param price the price of the whole run; empty if the price of a device is not known
    public record Row(
            int processes,
            TrainingMemory memory,
            StepTime step,
            double tokensPerSecond,
            double efficiency,
            double seconds,
            OptionalDouble price) {}

    /// The limits of scaling.
    ///
    /// @param mostProcesses the number of micro-batches in a step; any further process would be idle
    /// @param atNineTenths the largest number of processes whose efficiency is at least 0.9
    /// @param atHalf the largest number of processes whose efficiency is at least 0.5
    public record Limits(int mostProcesses, int atNineTenths, int atHalf) {}

    /// The training to plan.
    ///
    /// @param device the device of each process
    /// @param tokens the number of training tokens of the whole run
    /// @param processes the numbers of processes
    /// @param pricePerHour the price of one device
    public record Question(DeviceProfile device, long tokens, List<Integer> processes, OptionalDouble pricePerHour) {

        /// Copies the list.
        ///
        /// @param device the device of each process
        /// @param tokens training tokens of the whole run
        /// @param processes the numbers of processes
        /// @param pricePerHour the price of one device
        public Question {
            processes = List.copyOf(processes);
        }
    }

    /// Estimates a training run on each number of processes.
    ///
    /// @param config the model
    /// @param recipe the training
    /// @param question devices, tokens, numbers of processes
    /// @return the plan
    public static ScalingPlan of(ModelConfig config, Recipe recipe, Question question) {
        double alone = StepTime.of(config, recipe, question.device(), 1).total();
        List<Row> rows = question.processes().stream()
                .map(processes -> row(config, recipe, question, processes, alone))
                .toList();
        int max = Math.toIntExact(StepTime.numMicroBatches(recipe.batch()));
        return new ScalingPlan(
                question.device(),
                question.tokens(),
                rows,
                new Limits(max, last(config, recipe, question, max, 0.9), last(config, recipe, question, max, 0.5)));
    }

    private static Row row(ModelConfig config, Recipe recipe, Question question, int processes, double alone) {
        StepTime step = StepTime.of(config, recipe, question.device(), processes);
        double seconds = step.total() * question.tokens() / recipe.batch().tokens();
        return new Row(
                processes,
                TrainingMemory.of(
                        config,
                        recipe,
                        question.device().workers(),
                        processes,
                        question.device().runtimeBytes()),
                step,
                recipe.batch().tokens() / step.total(),
                alone / processes / step.total(),
                seconds,
                question.pricePerHour().isPresent()
                        ? OptionalDouble.of(question.pricePerHour().getAsDouble() * processes * seconds / 3600)
                        : OptionalDouble.empty());
    }

    /// The largest number of processes with at least this efficiency.
    private static int last(ModelConfig config, Recipe recipe, Question question, int max, double efficiency) {
        double alone = StepTime.of(config, recipe, question.device(), 1).total();
        return IntStream.rangeClosed(1, max)
                .filter(processes ->
                        row(config, recipe, question, processes, alone).efficiency() >= efficiency)
                .max()
                .orElse(1);
    }
}
