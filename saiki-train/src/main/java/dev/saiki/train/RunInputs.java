package dev.saiki.train;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.recipe.ConversationSection;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.TargetWeights;
import java.nio.file.Path;
import java.util.Optional;

/// The inputs of a run: the data, the tokenizer and a model that matches both.
///
/// @param data the training data
/// @param tokenizer the tokenizer of the text
/// @param tokenizerFile the tokenizer's file, which is copied into checkpoints
/// @param config the model configuration, with the tokenizer's vocabulary size
/// @param heldOut the rows that validation scores
/// @param teacher the frozen teacher model; empty for none
record RunInputs(
        TrainingData data,
        Tokenizer tokenizer,
        Path tokenizerFile,
        ModelConfig config,
        ValidationRows heldOut,
        Optional<TeacherCheckpoint> teacher) {

    /// Opens and validates all inputs.
    ///
    /// @throws InputException if an input is missing or inconsistent with the others
    static RunInputs open(Recipe recipe) {
        Optional<ConversationSection> conversations = recipe.data().conversations();
        if (conversations.isPresent()) {
            Path file = recipe.tokenizer().file().orElseGet(() -> tokenizerOfBase(recipe));
            Tokenizer tokenizer = Tokenizer.load(file);
            return of(recipe, taught(recipe, conversations.get(), tokenizer, file), tokenizer, file);
        }
        Path folder = recipe.data()
                .dataset()
                .orElseThrow(() -> new InputException("data.dataset is missing: set it to the folder that"
                        + " `saiki data prepare` wrote (--set data.dataset=DIR), or set"
                        + " data.conversations.path to train on conversations"));
        TokenDataset dataset = TokenDataset.open(folder);
        recipe.data().weights().requireFits(dataset);
        Path file = recipe.tokenizer().file().orElse(dataset.tokenizerFile());
        Tokenizer tokenizer = Tokenizer.load(file);
        TrainingData.Text text = new TrainingData.Text(dataset, recipe.data().weights());
        TrainingData data = recipe.data().curriculum().datasets().isEmpty()
                ? text
                : TrainingData.Curriculum.open(recipe, tokenizer, text);
        data.requireTokenizer(tokenizer, file.toString());
        return of(recipe, data, tokenizer, file);
    }

    /// Opens the conversations and, if there is a dataset, the text that is trained on alongside them.
    private static TrainingData taught(Recipe recipe, ConversationSection section, Tokenizer tokenizer, Path file) {
        TrainingData.Conversations conversations = TrainingData.Conversations.open(recipe, section, tokenizer);
        Optional<TokenDataset> text = recipe.data().dataset().map(TokenDataset::open);
        text.ifPresent(dataset -> dataset.requireTokenizer(tokenizer, file.toString()));
        return text.map(dataset -> new TrainingData.Text(dataset, TargetWeights.EQUAL))
                .<TrainingData>map(beside -> new TrainingData.Mixed(conversations, beside))
                .orElse(conversations);
    }

    private static Path tokenizerOfBase(Recipe recipe) {
        return CheckpointDirectory.open(recipe.initialisation()
                        .from()
                        .orElseThrow(() -> new InputException("data.conversations needs a model to train; set"
                                + " initialisation.from (--init-from DIR)")))
                .tokenizer();
    }

    private static RunInputs of(Recipe recipe, TrainingData data, Tokenizer tokenizer, Path file) {
        ModelConfig config = recipe.model().config(tokenizer.vocabSize(), tokenizer.endOfTextId());
        Optional<TeacherCheckpoint> teacher =
                recipe.teacher().map(section -> TeacherCheckpoint.open(section, recipe, tokenizer, config));
        RunInputs inputs = new RunInputs(data, tokenizer, file, config, data.heldOut(recipe, tokenizer), teacher);
        data.rows(recipe, LoaderPosition.START); // Fails here if there is too little text.
        return inputs;
    }
}
