package dev.saiki.train;

import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A process that continues a run and is to be killed. Prints `started` before its first step.
final class TrainChild {

    private TrainChild() {}

    /// Runs.
    ///
    /// @param arguments the recipe file and the run's folder
    /// @throws IOException if something cannot be written
    public static void main(String[] arguments) throws IOException {
        Recipe recipe = Recipe.load(Path.of(arguments[0]), List.of());
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onStart(TrainingStart start) {
                System.out.println("started");
            }
        };
        new Trainer(recipe, Path.of(arguments[1]), listener).run(true);
        System.out.println("completed");
    }
}
