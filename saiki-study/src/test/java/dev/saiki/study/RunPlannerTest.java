package dev.saiki.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.eval.format.Numbers;
import dev.saiki.io.InputException;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.plan.Budgets;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.train.recipe.RunPortion;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Compares the runs of a plan with the paper's own runs.
class RunPlannerTest {

    private static final Path OUT = Path.of("out").toAbsolutePath();

    private static RunPlanner runs(StudyPlan plan) {
        return new RunPlanner(plan, OUT, OUT.resolve("data"), OptionalInt.empty());
    }

    private static PlannedRun run(List<PlannedRun> all, String id) {
        return all.stream().filter(run -> run.id().equals(id)).findFirst().orElseThrow();
    }

    @Test
    void stepsOfThePapersStudyAreThePapers() {
        StudyPlan plan = StudyPlan.read(Path.of("..", "plans", "isoflop-paper.yaml"));
        List<PlannedRun> grid = runs(plan).grid(Map.of());
        Map<String, Long> steps = Map.of(
                "vanilla-360m-1.65e19-s0", 9438L,
                "vanilla-360m-5e18-s0", 2860L,
                "vanilla-360m-2e18-s0", 1144L,
                "mor3-360m-1.65e19-s0", 14_160L,
                "mor3-360m-2e18-s0", 1716L,
                "recursive3-135m-1.65e19-s0", 23_820L,
                "mor3-730m-1.65e19-s0", 7088L,
                "recursive3-1.7b-2e18-s0", 257L);
        steps.forEach((id, expected) -> assertThat(run(grid, id).steps()).as(id).isEqualTo(expected));
    }

    @Test
    void smallerBudgetsCoolDownFromStatesOfTheLargestWhereThePaperSavedThem() {
        StudyPlan plan = StudyPlan.read(Path.of("..", "plans", "isoflop-paper.yaml"));
        List<PlannedRun> grid = runs(plan).grid(Map.of());
        PlannedRun trunk = run(grid, "vanilla-360m-1.65e19-s0");
        assertThat(trunk.recipe().checkpoint().saveStableAt()).containsExactly(915L, 2288L);
        assertThat(trunk.recipe().schedule().warmup()).isEqualTo(new RunPortion.Steps(57));
        assertThat(trunk.branch()).isEmpty();
        assertThat(run(grid, "mor3-360m-1.65e19-s0").recipe().checkpoint().saveStableAt())
                .containsExactly(1373L, 3433L);
        PlannedRun branch = run(grid, "vanilla-360m-5e18-s0");
        assertThat(branch.branch()).contains(new PlannedRun.Branch(trunk.id(), 2288));
        assertThat(branch.recipe().schedule().cooldownFrom())
                .contains(OUT.resolve("runs").resolve(trunk.id()).resolve("step-2288"));
        assertThat(branch.recipe().schedule().warmup()).isEqualTo(new RunPortion.Steps(57));
        assertThat(branch.ownTokens())
                .isEqualTo((2860 - 2288) * branch.recipe().batch().tokens());
    }

    @Test
    void seedsComeOneAfterTheOtherSoThatAnUnfinishedStudyHasWholeComparisons() {
        StudyPlan plan = StudyPlan.read(Path.of("..", "plans", "isoflop-small.yaml"));
        List<PlannedRun> grid = runs(plan).grid(Map.of());
        assertThat(grid.subList(0, grid.size() / 2))
                .allSatisfy(run -> assertThat(run.seed()).isZero());
        assertThat(runs(plan).sweep()).hasSize(15).allSatisfy(run -> {
            assertThat(run.size()).isEqualTo("d72");
            assertThat(run.branch()).isEmpty();
        });
    }

    @Test
    void aBudgetTooSmallForAModelIsRefusedWithItsName() {
        StudyPlan small = StudyPlan.read(Path.of("..", "plans", "isoflop-small.yaml"));
        StudyPlan starved = new StudyPlan(
                small.name(),
                small.data(),
                small.schedule(),
                small.sizes(),
                small.families(),
                new Budgets(BudgetUnit.FORWARD_FLOPS, List.of(1e3, 1e11)),
                small.seeds(),
                new StudyPlan.Sweep("d72", 1e11),
                small.evaluation(),
                small.preset());
        assertThatThrownBy(() -> runs(starved).grid(Map.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("budgets: 1000 FLOPs are too few for vanilla at size d48");
    }

    @Test
    void numbersInNamesAreShortAndExact() {
        assertThat(Numbers.shortest(1.65e19)).isEqualTo("1.65e19");
        assertThat(Numbers.shortest(8e10)).isEqualTo("8e10");
        assertThat(Numbers.shortest(0.002)).isEqualTo("0.002");
        assertThat(Numbers.shortest(123456)).isEqualTo("123456");
    }
}
