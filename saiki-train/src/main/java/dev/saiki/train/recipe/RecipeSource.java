package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.storage.Storage;
import dev.saiki.io.yaml.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The source of a recipe's text.
sealed interface RecipeSource {

    /// The name of the source in messages.
    String name();

    /// The recipe's text in YAML.
    String text();

    /// The recipe that an `extends` in this source refers to.
    RecipeSource sibling(String reference);

    /// Returns the recipe that a command names: a file, or a built-in recipe if there is no such file.
    ///
    /// @param named a path, or the name of a built-in recipe
    /// @return the recipe's source
    static RecipeSource of(Path named) {
        boolean isBuiltIn =
                BuiltInRecipes.names().contains(named.toString()) && !Files.isRegularFile(Storage.local(named));
        return isBuiltIn ? BuiltInRecipes.source(named.toString()) : new OfFile(named);
    }

    /// A file, whose `extends` is relative to the file's folder.
    ///
    /// @param file the file
    record OfFile(Path file) implements RecipeSource {
        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public String text() {
            refuseIfMoved();
            return Yaml.text(file, "recipe");
        }

        /// Recipes that were once in a single folder are now in folders by purpose.
        private void refuseIfMoved() {
            if (Files.exists(Storage.local(file))) {
                return;
            }
            Stream.of("paper", "ablations", "studies")
                    .map(folder -> file.resolveSibling(folder).resolve(file.getFileName()))
                    .filter(place -> Files.exists(Storage.local(place)))
                    .findFirst()
                    .ifPresent(place -> {
                        throw new InputException(name() + ": no such recipe; it is now " + place);
                    });
        }

        @Override
        public RecipeSource sibling(String reference) {
            return new OfFile(file.resolveSibling(reference).normalize());
        }
    }

    /// A text in memory, whose `extends` names a built-in recipe; a folder in that name is ignored.
    ///
    /// @param name the name in messages
    /// @param text YAML
    record Text(String name, String text) implements RecipeSource {
        @Override
        public RecipeSource sibling(String reference) {
            String file = reference.substring(reference.lastIndexOf('/') + 1);
            return BuiltInRecipes.source(
                    file.endsWith(BuiltInRecipes.SUFFIX)
                            ? file.substring(0, file.length() - BuiltInRecipes.SUFFIX.length())
                            : file);
        }
    }
}
