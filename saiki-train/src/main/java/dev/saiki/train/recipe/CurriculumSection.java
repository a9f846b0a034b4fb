package dev.saiki.train.recipe;

import dev.saiki.io.yaml.SectionReader;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `data.curriculum`: easier datasets to train on before `data.dataset`.
///
/// @param datasets the folders that `saiki data prepare` wrote, from the easiest on; none without a curriculum
/// @param accuracy the share of the tokens of a dataset's held-out answers that must have more than half the
///     probability before the next dataset follows
public record CurriculumSection(List<Path> datasets, double accuracy) {

    /// No curriculum.
    public static final CurriculumSection NONE = new CurriculumSection(List.of(), 0.9);

    private static final String DATASETS = "datasets";
    private static final String ACCURACY = "accuracy";
    private static final String PATH = "data.curriculum.";

    /// Copies the list and checks the accuracy.
    ///
    /// @throws dev.saiki.io.InputException if the accuracy is out of its range
    public CurriculumSection {
        datasets = List.copyOf(datasets);
        RecipeChecks.that(accuracy > 0 && accuracy <= 1, PATH + ACCURACY, "above 0 and at most 1", accuracy);
    }

    static CurriculumSection read(SectionReader reader) {
        return new CurriculumSection(
                reader.texts(DATASETS).stream().map(Path::of).toList(), reader.number(ACCURACY, NONE.accuracy));
    }

    void write(ObjectNode section) {
        ArrayNode list = section.putArray(DATASETS);
        datasets.forEach(path -> list.add(path.toString()));
        section.put(ACCURACY, accuracy);
    }
}
