package dev.saiki.study.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.train.recipe.Recipe;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelSummaryTest {

    private static ModelSummary model(String recipe, String... settings) {
        return ModelSummary.of(Recipe.builtIn(recipe, List.of(settings)).model().config(), 1);
    }

    @Test
    void theDepthThatAThresholdTrainedIsThatOfAllItsEffortsNotOfTheDefaultOne() {
        String[] settings = {"model.routing.effort_grid=[0.5,0.8,1.0]", "model.routing.default_effort=0.5"};
        ModelSummary model = model("small-mor3-threshold", settings);
        double half = 1 + 0.5 + 0.25;
        double most = 1 + 0.8 + 0.64;
        assertThat(model.meanTrainedDepth()).isCloseTo((half + most + 3) / 3, within(1e-12));
        assertThat(model.meanDefaultDepth()).isCloseTo(half, within(1e-12));
        settings[1] = "model.routing.default_effort=1";
        assertThat(model("small-mor3-threshold", settings).meanTrainedDepth()).isEqualTo(model.meanTrainedDepth());
    }

    @Test
    void theDepthOfOtherModelsIsTheSumOfTheirCapacities() {
        assertThat(model("small-vanilla").meanTrainedDepth()).isEqualTo(1);
        ModelSummary expert = model("small-mor2-expert", "model.routing.capacity=[1,0.25]");
        assertThat(expert.meanTrainedDepth()).isEqualTo(1.25);
        assertThat(expert.meanDefaultDepth()).isEqualTo(1.25);
    }
}
