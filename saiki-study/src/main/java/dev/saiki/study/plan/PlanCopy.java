package dev.saiki.study.plan;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The copy of a study's plan in the study's folder, with absolute paths, so that the folder alone suffices to
/// repeat the study.
///
/// @param file the copy's location
/// @param text the copy's content
public record PlanCopy(Path file, String text) {

    /// The file name of a plan in the folder of its study.
    public static final String NAME = "plan.yaml";

    private static final String HEADER =
            "# A copy of the study's plan with absolute paths, written by `saiki study`.\n";

    /// Prepares a copy without writing it.
    ///
    /// @param plan the file of a valid plan
    /// @param out the study's folder
    /// @return the copy
    /// @throws dev.saiki.io.InputException if the plan cannot be read
    public static PlanCopy of(Path plan, Path out) {
        Path original = plan.toAbsolutePath();
        ObjectNode root = Yaml.parse(plan.toString(), Yaml.text(plan, "plan"));
        makeAbsolute(root, "base", original);
        if (root.get("data") instanceof ObjectNode data) {
            makeAbsolute(data, "dataset", original);
            if (data.get("corpus") instanceof ArrayNode corpus) {
                for (int i = 0; i < corpus.size(); i++) {
                    corpus.set(i, absolute(corpus.get(i).asString(), original));
                }
            }
        }
        for (JsonNode family : root.path("families")) {
            if (family instanceof ObjectNode section
                    && section.path("recipe").asString("").endsWith(StudyPlanReader.RECIPE_SUFFIX)) {
                makeAbsolute(section, "recipe", original);
            }
        }
        return new PlanCopy(out.resolve(NAME), HEADER + Yaml.write(root));
    }

    private static void makeAbsolute(ObjectNode section, String key, Path plan) {
        if (section.hasNonNull(key)) {
            section.put(key, absolute(section.path(key).asString(), plan));
        }
    }

    private static String absolute(String path, Path plan) {
        return plan.resolveSibling(path).normalize().toString();
    }

    /// Writes the copy, unless the folder contains a plan written by hand or by a pilot.
    ///
    /// @throws IOException if the copy cannot be written
    public void write() throws IOException {
        if (!Files.exists(file) || Files.readString(file).startsWith(HEADER)) {
            AtomicFiles.writeString(file, text);
        }
    }
}
