package dev.saiki.cli.training;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.cli.model.Recipes;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki train init`: a checkpoint with random weights.
@Command(name = "init")
public final class TrainInitCommand extends JsonCommand {

    @Option(names = "--recipe", paramLabel = "FILE", required = true)
    private Path recipeFile = Path.of("");

    @Option(names = "--set", paramLabel = "KEY=VALUE", arity = "1..*")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", required = true)
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Override
    protected void run() throws IOException {
        Recipe recipe = Recipes.load(recipeFile, overrides, console);
        if (recipe.initialisation().from().isPresent()) {
            throw new InputException(
                    "train init draws random weights, but the recipe has initialisation.from; use train, which starts"
                            + " from a checkpoint");
        }
        ModelConfig config = Recipes.modelOf(recipe);
        OutputPaths.requireNewOrEmpty(out);
        Manifest manifest = Manifest.now(Optional.of(recipe.toYaml()), Optional.empty(), 0, 0, Map.of());
        try (ModelWeights weights = ModelWeights.initialize(
                config,
                seed,
                recipe.hasAuxiliaryRouters(),
                recipe.initialisation().stepGate())) {
            recipe.initialisation().injection().ifPresent(weights::setInjection);
            CheckpointDirectory.write(
                    out, config, weights.stored(), recipe.tokenizer().file(), manifest);
        }
        ObjectNode result = JsonOutput.object();
        result.put("model", out.toString());
        result.put("seed", seed);
        print(result, out + ": random weights of seed " + seed);
    }
}
