package dev.saiki.study.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.Bootstrap.ResampledInterval;
import dev.saiki.study.statistics.LossSample.Cell;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    private static final int RESAMPLES = 4000;
    private static final int BUDGETS = 3;

    /// Three budgets and eight sizes; a lucky seed takes a tenth off the loss of every document.
    private final StudyResults results = SampleStudy.of("vanilla", "mor")
            .withSizes(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L)
            .results((run, _) -> 5 - 0.1 * run.seed());

    private final Bootstrap bootstrap = new Bootstrap(LossSample.of(results), RESAMPLES);

    private static double width(ResampledInterval interval) {
        return interval.high() - interval.low();
    }

    private double level(ToDoubleFunction<Cell> losses) {
        return results.budgets().stream()
                .mapToDouble(budget -> losses.applyAsDouble(new Cell("mor", "1", budget))
                        - losses.applyAsDouble(new Cell("vanilla", "1", budget)))
                .average()
                .orElseThrow();
    }

    @Test
    void theLuckOfASeedDoesNotAverageOutOverTheBudgetsThatShareIt() {
        Function<ToDoubleFunction<Cell>, Optional<Double>> level = losses -> Optional.of(level(losses));
        double apart = width(bootstrap.interval(level));
        double shared = width(bootstrap.intervalOverBudgets(level, RESAMPLES));
        assertThat(shared / apart).isCloseTo(Math.sqrt(BUDGETS), within(0.15));
    }

    @Test
    void atOneBudgetItMakesNoDifference() {
        Function<ToDoubleFunction<Cell>, Optional<Double>> difference =
                losses -> Optional.of(losses.applyAsDouble(new Cell("mor", "1", 1e11))
                        - losses.applyAsDouble(new Cell("vanilla", "1", 1e11)));
        double apart = width(bootstrap.interval(difference));
        double shared = width(bootstrap.intervalOverBudgets(difference, RESAMPLES));
        assertThat(shared / apart).isCloseTo(1, within(0.1));
    }
}
