package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `data`: the training data and the seed of the run.
///
/// @param dataset the folder that `saiki data prepare` wrote; a run needs a dataset, conversations or both,
///     and `describe` needs neither. Relative paths start at the working directory
/// @param conversations the conversations whose answers are the targets, alone or mixed with the dataset in
///     each step
/// @param textShare the share of a step's rows that comes from the dataset, while the other rows are
///     conversations; empty unless there are both
/// @param weights the weights of the dataset's tokens
/// @param curriculum the easier datasets that come before the dataset
/// @param seed the seed of the initial weights, the order of the rows and random routing
public record DataSection(
        Optional<Path> dataset,
        Optional<ConversationSection> conversations,
        OptionalDouble textShare,
        TargetWeights weights,
        CurriculumSection curriculum,
        long seed) {

    /// The default seed.
    public static final long DEFAULT_SEED = 0;

    /// The default share of text beside conversations.
    public static final double DEFAULT_TEXT_SHARE = 0.25;

    private static final String TEXT_SHARE = "text_share";
    private static final String TARGET_WEIGHTS = "target_weights";
    private static final String CURRICULUM = "curriculum";
    private static final String TEXT_SHARE_PATH = "data." + TEXT_SHARE;

    /// Checks the share and the weights.
    ///
    /// @throws dev.saiki.io.InputException if the share is not one, or is given without both conversations and a
    ///     dataset, or there are weights or a curriculum and conversations
    public DataSection {
        boolean hasBoth = dataset.isPresent() && conversations.isPresent();
        Problems.requireAll(
                () -> RecipeChecks.that(
                        weights.areEqual() || conversations.isEmpty(),
                        "data." + TARGET_WEIGHTS,
                        "left out with data.conversations, whose answers are the only targets",
                        weights),
                () -> RecipeChecks.that(
                        curriculum.datasets().isEmpty() || (dataset.isPresent() && conversations.isEmpty()),
                        "data." + CURRICULUM,
                        "left out unless data.dataset is given without data.conversations",
                        curriculum.datasets()),
                () -> RecipeChecks.that(
                        hasBoth || textShare.isEmpty(),
                        TEXT_SHARE_PATH,
                        "left out unless data.dataset and data.conversations are both given",
                        textShare.orElse(0)),
                () -> RecipeChecks.that(
                        textShare.isEmpty() || (textShare.getAsDouble() > 0 && textShare.getAsDouble() < 1),
                        TEXT_SHARE_PATH,
                        "above 0 and below 1",
                        textShare.orElse(0)
                                + "; for conversations only, remove data.dataset; for text only, remove"
                                + " data.conversations"));
    }

    static DataSection read(SectionReader reader) {
        Optional<Path> dataset = reader.path("dataset");
        Optional<ConversationSection> conversations = ConversationSection.read(reader.section("conversations"));
        OptionalDouble share = reader.optionalNumber(TEXT_SHARE);
        boolean isDefault = share.isEmpty() && dataset.isPresent() && conversations.isPresent();
        return new DataSection(
                dataset,
                conversations,
                isDefault ? OptionalDouble.of(DEFAULT_TEXT_SHARE) : share,
                TargetWeights.read(reader.section(TARGET_WEIGHTS)),
                CurriculumSection.read(reader.section(CURRICULUM)),
                reader.integer("seed", DEFAULT_SEED));
    }

    void write(ObjectNode section) {
        dataset.ifPresent(path -> section.put("dataset", path.toString()));
        conversations.ifPresent(given -> given.write(section.putObject("conversations")));
        textShare.ifPresent(share -> section.put(TEXT_SHARE, share));
        if (!weights.equals(TargetWeights.EQUAL)) {
            weights.write(section.putObject(TARGET_WEIGHTS));
        }
        if (!curriculum.datasets().isEmpty()) {
            curriculum.write(section.putObject(CURRICULUM));
        }
        section.put("seed", seed);
    }

    /// Returns the number of text rows in a step that also has conversations.
    ///
    /// @param batch the section `batch` of the same recipe
    /// @return the number of sequences; 0 if text and conversations are not mixed
    public int textRows(BatchSection batch) {
        return Math.toIntExact(Math.round(textShare.orElse(0) * batch.sequences()));
    }

    /// Rejects a text share that leaves a step without text or without conversations.
    ///
    /// @param batch the section `batch` of the same recipe
    /// @throws dev.saiki.io.InputException if a step would have no text row or no conversation
    void requireFits(BatchSection batch) {
        int rows = textRows(batch);
        RecipeChecks.that(
                textShare.isEmpty() || (rows > 0 && rows < batch.sequences()),
                TEXT_SHARE_PATH,
                "a share of batch.sequences (" + batch.sequences() + ") that gives each step a row of text and a"
                        + " conversation",
                textShare.orElse(0) + ", which is " + rows + " rows of text");
    }
}
