package dev.saiki.train;

import dev.saiki.checkpoint.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.text.TokenDataset;
import dev.saiki.text.Tokenizer;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;

/// What a run reads: the data, its tokenizer, and the model that fits them.
///
/// @param dataset the prepared data
/// @param tokenizer what wrote it
/// @param tokenizerFile where the tokenizer is, to be copied into checkpoints
/// @param config the model, with the tokenizer's vocabulary
record RunInputs(TokenDataset dataset, Tokenizer tokenizer, Path tokenizerFile, ModelConfig config) {

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
        return new RunInputs(dataset, tokenizer, tokenizerFile, config);
    }
}
