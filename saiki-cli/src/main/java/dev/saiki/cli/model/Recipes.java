package dev.saiki.cli.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.cli.terminal.Console;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The loading of recipes named on the command line.
public final class Recipes {

    private Recipes() {}

    /// Reads a recipe, and warns on standard error about values that were adjusted so that the model can be
    /// built.
    public static Recipe load(Path file, List<String> overrides, Console console) {
        List<String> warnings = new ArrayList<>();
        Recipe recipe = Recipe.load(file, overrides, warnings::add);
        warnings.forEach(warning -> console.err().println("saiki: warning: " + warning));
        return recipe;
    }

    /// The model of a recipe, with the vocabulary size of its tokenizer if the recipe names one.
    public static ModelConfig modelOf(Recipe recipe) {
        Optional<Path> file = recipe.tokenizer().file();
        if (file.isEmpty()) {
            return recipe.model().config();
        }
        Tokenizer tokenizer = Tokenizer.load(file.get());
        return recipe.model().config(tokenizer.vocabSize(), tokenizer.endOfTextId());
    }
}
