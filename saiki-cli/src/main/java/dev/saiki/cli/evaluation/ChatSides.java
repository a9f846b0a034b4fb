package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.eval.chat.ChatMeter;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.TrainingTemplate;
import dev.saiki.text.dataset.AnsweredConversation;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// One model, or two models to be compared, with the same conversations.
///
/// @param sides the models
/// @param leftOut number of conversations too long for one of the models
/// @param notes the notes for the user about templates
record ChatSides(List<Side> sides, int leftOut, List<String> notes) {

    /// A model.
    ///
    /// @param name the name of the model
    /// @param checkpoint the checkpoint of the model
    /// @param encoder writes conversations in the model's format
    /// @param conversations encoded for the model
    record Side(
            String name,
            CheckpointDirectory checkpoint,
            TemplateEncoder encoder,
            List<AnsweredConversation> conversations) {}

    /// A model to be evaluated.
    ///
    /// @param name the name of the model
    /// @param checkpoint the checkpoint of the model
    record Named(String name, CheckpointDirectory checkpoint) {}

    /// Encodes the conversations for each model with its own chat template. A model without a template gets the
    /// other model's; if neither model has a template, both get the default format of training.
    ///
    /// @param models one or two
    /// @throws InputException if their tokenizers differ, or no conversation fits
    static ChatSides open(List<Named> models, Path path) throws IOException {
        Tokenizer tokenizer = LoadedModel.tokenizerOf(models.getFirst().checkpoint());
        List<TrainingTemplate> templates = new ArrayList<>();
        for (Named named : models) {
            if (!LoadedModel.tokenizerOf(named.checkpoint()).hash().equals(tokenizer.hash())) {
                throw new InputException("--against " + named.name()
                        + ": the tokenizer must equal that of --model, got another; losses per token of different"
                        + " tokenizers cannot be compared");
            }
            templates.add(TrainingTemplate.of(named.checkpoint().path(), tokenizer));
        }
        List<String> notes = new ArrayList<>();
        List<Side> sides = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            TrainingTemplate template = templates.get(i);
            if (template.isMade()) {
                TrainingTemplate other = templates.get(models.size() - 1 - i);
                notes.add("saiki: note: " + models.get(i).name() + " has no chat template; using "
                        + (other.isMade()
                                ? "plain turns (User:, Assistant:)"
                                : "the template of "
                                        + models.get(models.size() - 1 - i).name()));
                template = other;
            }
            TemplateEncoder encoder = new TemplateEncoder(template.template(), tokenizer);
            sides.add(new Side(
                    models.get(i).name(),
                    models.get(i).checkpoint(),
                    encoder,
                    AnsweredConversation.read(path, encoder)));
        }
        return fitting(sides, notes, path);
    }

    private static ChatSides fitting(List<Side> sides, List<String> notes, Path path) {
        int read = sides.getFirst().conversations().size();
        List<Integer> kept = IntStream.range(0, read)
                .filter(i -> sides.stream()
                        .allMatch(side -> ChatMeter.fits(
                                side.conversations().get(i),
                                side.checkpoint().config().maxPositionEmbeddings())))
                .boxed()
                .toList();
        InputException.require(
                !kept.isEmpty(),
                path.toString(),
                "at least one conversation",
                "within the model's context",
                read + " conversations that are longer");
        return new ChatSides(
                sides.stream()
                        .map(side -> new Side(
                                side.name(),
                                side.checkpoint(),
                                side.encoder(),
                                kept.stream().map(side.conversations()::get).toList()))
                        .toList(),
                read - kept.size(),
                notes);
    }

    /// The conversations as encoded for the first model.
    List<AnsweredConversation> conversations() {
        return sides.getFirst().conversations();
    }
}
