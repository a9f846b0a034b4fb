package dev.saiki.cli.evaluation;

import dev.saiki.cli.model.TextFieldOption;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options for text typical of a model's use: files, or the held-out documents of a dataset.
public final class TextSource {

    @ArgGroup(multiplicity = "1")
    private Choice choice = new Choice();

    @Mixin
    private TextFieldOption field = new TextFieldOption();

    private static final class Choice {

        @Option(names = "--data", paramLabel = "PATH", arity = "1..*", required = true)
        private List<Path> texts = new ArrayList<>();

        @Option(names = "--dataset", paramLabel = "DIR", required = true)
        private @Nullable Path dataset;
    }

    /// Reads the text.
    ///
    /// @param tokenizer the tokenizer of the model
    /// @param model folder of the model
    public MeasuredText read(Tokenizer tokenizer, Path model) {
        return MeasuredText.read(choice.dataset, choice.texts, field, tokenizer, model);
    }
}
