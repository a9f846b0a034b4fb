package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.text.dataset.BatchLoader;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;

/// The inputs of a run: the data, its tokenizer, and the model that fits them.
///
/// @param dataset the prepared data
/// @param tokenizer what wrote it
/// @param tokenizerFile where the tokenizer is, to be copied into checkpoints
/// @param config the model, with the tokenizer's vocabulary
/// @param heldOut the rows that validation scores
record RunInputs(
        TokenDataset dataset, Tokenizer tokenizer, Path tokenizerFile, ModelConfig config, ValidationRows heldOut) {

    /// Opens and checks everything before anything is built.
    ///
    /// @throws InputException if something is missing or does not fit the rest
    static RunInputs open(Recipe recipe) {
        Path folder = recipe.data()
                .dataset()
                .orElseThrow(() -> new InputException("data.dataset is missing: the folder that"
                        + " `saiki data prepare` wrote (--set data.dataset=DIR)"));
        TokenDataset dataset = TokenDataset.open(folder);
        Path tokenizerFile = recipe.tokenizer().file().orElse(dataset.tokenizerFile());
        Tokenizer tokenizer = Tokenizer.load(tokenizerFile);
        dataset.requireTokenizer(tokenizer, tokenizerFile.toString());
        ModelConfig config = recipe.model().config(tokenizer.vocabSize(), tokenizer.endOfTextId());
        ValidationRows heldOut = ValidationRows.draw(
                dataset,
                tokenizer,
                recipe.batch().sequenceLength(),
                recipe.metrics().validationSequences());
        RunInputs inputs = new RunInputs(dataset, tokenizer, tokenizerFile, config, heldOut);
        inputs.loader(recipe, LoaderPosition.START); // Fails now rather than later if there is too little text.
        return inputs;
    }

    /// The training rows from a position on.
    BatchLoader loader(Recipe recipe, LoaderPosition position) {
        return new BatchLoader(
                dataset.train(), recipe.batch().sequenceLength(), recipe.data().seed(), position);
    }
}
