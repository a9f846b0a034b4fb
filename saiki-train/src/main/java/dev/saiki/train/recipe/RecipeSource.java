package dev.saiki.train.recipe;

import dev.saiki.io.yaml.Yaml;
import java.nio.file.Path;

/// The source of a recipe's text.
sealed interface RecipeSource {

    /// What messages call it.
    String name();

    /// Its YAML text.
    String text();

    /// What an `extends` in it refers to.
    RecipeSource sibling(String reference);

    /// A file; `extends` is relative to its folder.
    ///
    /// @param file the file
    record OfFile(Path file) implements RecipeSource {
        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public String text() {
            return Yaml.text(file, "recipe");
        }

        @Override
        public RecipeSource sibling(String reference) {
            return new OfFile(file.resolveSibling(reference).normalize());
        }
    }

    /// Text that is at hand; `extends` in it refers to a built-in recipe.
    ///
    /// @param name what messages call it
    /// @param text YAML
    record Text(String name, String text) implements RecipeSource {
        @Override
        public RecipeSource sibling(String reference) {
            return BuiltInRecipes.source(
                    reference.endsWith(BuiltInRecipes.SUFFIX)
                            ? reference.substring(0, reference.length() - BuiltInRecipes.SUFFIX.length())
                            : reference);
        }
    }
}
