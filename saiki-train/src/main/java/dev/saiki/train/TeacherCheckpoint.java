package dev.saiki.train;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.provenance.TeacherOrigin;
import dev.saiki.io.Problems;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Teacher;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.TargetWeights;
import dev.saiki.train.recipe.TeacherSection;
import java.util.Optional;

/// The checkpoint of a teacher, and the teacher's own text.
///
/// @param checkpoint the teacher
/// @param text the teacher's own text; empty if the teacher teaches on the text of the run
record TeacherCheckpoint(CheckpointDirectory checkpoint, Optional<TrainingData.Text> text) {

    /// Opens a teacher and checks that its predictions are comparable with those of the run's model.
    ///
    /// @param section the recipe's section
    /// @param tokenizer the run's tokenizer
    /// @param config the configuration of the run's model
    /// @throws dev.saiki.io.InputException if the model or the text is missing, or does not match the run's
    ///     tokenizer, vocabulary size or sequence length
    static TeacherCheckpoint open(TeacherSection section, Recipe recipe, Tokenizer tokenizer, ModelConfig config) {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(section.folder(recipe.initialisation()));
        Problems problems = new Problems();
        ModelConfig theirs = checkpoint.config();
        if (checkpoint.hasTokenizer()
                && !Tokenizer.load(checkpoint.tokenizer()).hash().equals(tokenizer.hash())) {
            problems.add(checkpoint.tokenizer() + ": the teacher's tokenizer must be the same as the run's, got another"
                    + " one; predictions of different tokens cannot be compared");
        }
        if (theirs.vocabSize() != config.vocabSize()) {
            problems.add("vocab_size of the teacher must be that of the run's model (" + config.vocabSize() + "), got "
                    + theirs.vocabSize());
        }
        if (theirs.maxPositionEmbeddings() < recipe.batch().sequenceLength()) {
            problems.add("max_position_embeddings of the teacher must be at least batch.sequence_length ("
                    + recipe.batch().sequenceLength() + "), got " + theirs.maxPositionEmbeddings());
        }
        Optional<TokenDataset> dataset = section.text()
                .flatMap(own -> problems.attempt(() -> {
                    TokenDataset opened = TokenDataset.open(own.dataset());
                    opened.requireTokenizer(tokenizer, "the tokenizer of the run");
                    return opened;
                }));
        problems.throwIfAny("objective.teacher: " + checkpoint.path());
        Optional<TrainingData.Text> text = dataset.map(own -> new TrainingData.Text(own, TargetWeights.EQUAL));
        // Fails here, not during training, if there is too little text.
        text.ifPresent(own -> own.rows(recipe, LoaderPosition.START));
        return new TeacherCheckpoint(checkpoint, text);
    }

    /// Copies the weights.
    Teacher load(Recipe recipe) {
        return new Teacher(
                InitialWeights.placed(ModelWeights.load(checkpoint), recipe),
                recipe.precision().compute(),
                recipe.teacher().orElseThrow().distillation());
    }

    /// The teacher's entry in a manifest, which requires reading the whole checkpoint.
    ///
    /// @param ofRun the hash of the run's data, on which a teacher without text of its own teaches
    TeacherOrigin origin(String ofRun) {
        return new TeacherOrigin(
                checkpoint.path().toString(),
                ContentHash.of(checkpoint),
                text.map(TrainingData.Text::hash).orElse(ofRun));
    }
}
