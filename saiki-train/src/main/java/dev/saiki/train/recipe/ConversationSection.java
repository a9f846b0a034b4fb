package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.text.dataset.ConversationDataset;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `data.conversations`: conversations whose answers are the targets, with or without a dataset of
/// text.
///
/// @param path a file, folder or glob of JSON Lines; relative paths start at the working directory
/// @param validationFraction the share of tokens that is held out for validation, in whole conversations
/// @param tooLong the treatment of a conversation longer than `batch.sequence_length`
public record ConversationSection(Path path, double validationFraction, ConversationDataset.TooLong tooLong) {

    /// The default held-out share.
    public static final double DEFAULT_VALIDATION_FRACTION = 0.1;

    /// Checks the range.
    ///
    /// @throws dev.saiki.io.InputException if a value is out of range
    public ConversationSection {
        Problems.requireAll(() -> RecipeChecks.that(
                validationFraction > 0 && validationFraction <= 0.5,
                "data.conversations.validation_fraction",
                "above 0 and at most 0.5",
                validationFraction));
    }

    static Optional<ConversationSection> read(SectionReader reader) {
        Optional<Path> path = reader.path("path");
        double fraction = reader.number("validation_fraction", DEFAULT_VALIDATION_FRACTION);
        ConversationDataset.TooLong tooLong = reader.choice(
                "too_long",
                SectionReader.spellings(ConversationDataset.TooLong.class),
                () -> ConversationDataset.TooLong.LEAVE_OUT);
        reader.refuseUnknownKeys();
        return path.map(given -> new ConversationSection(given, fraction, tooLong));
    }

    void write(ObjectNode section) {
        section.put("path", path.toString());
        section.put("validation_fraction", validationFraction);
        section.put("too_long", SectionReader.spelling(tooLong));
    }
}
