package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The built-in recipes, which are the project's folder `recipes`, flattened into one folder of this module.
public final class BuiltInRecipes {

    static final String SUFFIX = ".yaml";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final String FOLDER = "recipes/";

    /// A recipe that always exists. It helps find the folder, for which a jar may have no entry.
    private static final String ANCHOR = "small-vanilla" + SUFFIX;

    private BuiltInRecipes() {}

    /// The names of all recipes, sorted.
    ///
    /// @return names without suffix
    public static List<String> names() {
        try {
            URI anchor = Objects.requireNonNull(BuiltInRecipes.class.getResource(FOLDER + ANCHOR))
                    .toURI();
            if (!anchor.getScheme().equals("jar")) {
                return namesBeside(Path.of(anchor));
            }
            try (FileSystem jar = FileSystems.newFileSystem(anchor, Map.of())) {
                return namesBeside(jar.provider().getPath(anchor));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static RecipeSource source(String name) {
        return new RecipeSource.Text(
                name,
                resource(name)
                        .orElseThrow(() ->
                                new InputException("no built-in recipe " + name + Suggestions.hint(name, names()))));
    }

    private static Optional<String> resource(String name) {
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        try (@Nullable InputStream stream = BuiltInRecipes.class.getResourceAsStream(FOLDER + name + SUFFIX)) {
            return stream == null
                    ? Optional.empty()
                    : Optional.of(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> namesBeside(Path anchor) throws IOException {
        try (Stream<Path> files = Files.list(Objects.requireNonNull(anchor.getParent()))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        }
    }
}
