package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.io.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The source of a recipe's text.
sealed interface RecipeSource {

    /// Far above any recipe that a person writes.
    int MOST_BYTES = 1 << 20;

    /// What messages call it.
    String name();

    /// Its YAML text.
    String text();

    /// What an `extends` in it refers to.
    RecipeSource sibling(String reference);

    /// A file; `extends` is relative to its folder.
    ///
    /// @param file the file
    /// @param kind what messages call such a file, such as `recipe`
    record OfFile(Path file, String kind) implements RecipeSource {
        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public String text() {
            Path local = Storage.local(file);
            if (Files.isDirectory(local)) {
                throw InputException.of(name(), "a " + kind, "a file", "a folder");
            }
            try {
                long size = Files.size(local);
                if (size > MOST_BYTES) {
                    throw InputException.of(name(), "a " + kind, "at most " + MOST_BYTES + " bytes", size);
                }
                return Files.readString(local);
            } catch (NoSuchFileException e) {
                throw new InputException(name() + ": no such " + kind + Suggestions.forMissing(file), e);
            } catch (IOException e) {
                throw new InputException(name() + ": cannot be read as UTF-8 text (" + e.getMessage() + ")", e);
            }
        }

        @Override
        public RecipeSource sibling(String reference) {
            return new OfFile(file.resolveSibling(reference).normalize(), kind);
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
