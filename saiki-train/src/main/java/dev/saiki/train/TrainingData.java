package dev.saiki.train;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.model.TrainingRows;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.TrainingTemplate;
import dev.saiki.text.dataset.AnswerRow;
import dev.saiki.text.dataset.BatchLoader;
import dev.saiki.text.dataset.ConversationDataset;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.RowOrder;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.recipe.ConversationSection;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.TargetWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The data of a run: running text, whose tokens count by the target weights; a curriculum of texts with marked
/// answers;
/// conversations, in which only answers are targets; or conversations mixed with text.
sealed interface TrainingData {

    /// Returns a hash that identifies the data.
    String hash();

    /// The number of tokens in the training split.
    long tokens();

    /// Checks that the data were encoded with this tokenizer.
    void requireTokenizer(Tokenizer tokenizer, String where);

    /// The training rows from a position onwards.
    Rows rows(Recipe recipe, LoaderPosition position);

    /// The rows that validation scores.
    ValidationRows heldOut(Recipe recipe, Tokenizer tokenizer);

    /// The data of a stage of the curriculum.
    ///
    /// @param number the number of finished stages
    default TrainingData stage(int number) {
        return this;
    }

    /// The files to store with a model trained on the data, by name.
    default Map<String, byte[]> companions() {
        return Map.of();
    }

    /// Notes on the data for the user.
    default List<String> notes() {
        return List.of();
    }

    /// An endless source of training rows with a position that can be saved.
    interface Rows {

        /// The next micro-batches.
        ///
        /// @param sequences the total number of rows
        /// @param together the maximum number of rows in a micro-batch
        List<TrainingRows> next(int sequences, int together);

        /// The position of the next row.
        LoaderPosition position();
    }

    /// Running text, packed into rows of equal length.
    ///
    /// @param dataset the folder that `data prepare` wrote
    /// @param weights the weights of the tokens as targets
    record Text(TokenDataset dataset, TargetWeights weights) implements TrainingData {

        @Override
        public String hash() {
            return dataset.dataHash();
        }

        @Override
        public long tokens() {
            return dataset.train().tokens();
        }

        @Override
        public void requireTokenizer(Tokenizer tokenizer, String where) {
            dataset.requireTokenizer(tokenizer, where);
        }

        @Override
        public Rows rows(Recipe recipe, LoaderPosition position) {
            BatchLoader loader = new BatchLoader(
                    dataset.train(),
                    recipe.batch().sequenceLength(),
                    recipe.data().seed(),
                    position);
            return new Rows() {
                @Override
                public List<TrainingRows> next(int sequences, int together) {
                    List<TrainingRows> microBatches = new ArrayList<>();
                    for (int rows = 0; rows < sequences; rows += together) {
                        microBatches.add(
                                weights.areEqual()
                                        ? TrainingRows.of(loader.next(together))
                                        : weighted(loader.nextMarked(together)));
                    }
                    return microBatches;
                }

                private TrainingRows weighted(List<AnswerRow> rows) {
                    return new TrainingRows(
                            rows.stream().map(AnswerRow::ids).toArray(int[][]::new),
                            Optional.of(rows.stream()
                                    .map(row -> weights.of(row.targets()))
                                    .toArray(int[][]::new)));
                }

                @Override
                public LoaderPosition position() {
                    return loader.position();
                }
            };
        }

        @Override
        public ValidationRows heldOut(Recipe recipe, Tokenizer tokenizer) {
            return ValidationRows.draw(
                    dataset,
                    tokenizer,
                    recipe.batch().sequenceLength(),
                    recipe.metrics().validationSequences(),
                    weights.areAnswersAlone());
        }
    }

    /// Texts of marked answers, from the easiest to the dataset of the run, which validation scores.
    ///
    /// @param stages the texts in order
    /// @param heldOut the marked answers that decide on promotion, for each stage but the last
    /// @param accuracy the share of their tokens that must have more than half the probability
    record Curriculum(List<Text> stages, List<ValidationRows> heldOut, double accuracy) implements TrainingData {

        /// Opens the easier datasets of a recipe.
        ///
        /// @throws InputException if one has no marked answers or is too short
        static Curriculum open(Recipe recipe, Tokenizer tokenizer, Text last) {
            List<Text> stages = new ArrayList<>();
            List<ValidationRows> heldOut = new ArrayList<>();
            for (Path folder : recipe.data().curriculum().datasets()) {
                TokenDataset easier = TokenDataset.open(folder);
                TargetWeights.requireMarks(easier, "data.curriculum");
                stages.add(new Text(easier, last.weights()));
                heldOut.add(ValidationRows.draw(
                        easier,
                        tokenizer,
                        recipe.batch().sequenceLength(),
                        recipe.metrics().validationSequences(),
                        true));
            }
            stages.add(last);
            stages.forEach(text -> text.rows(recipe, LoaderPosition.START)); // Fails here if there is too little text.
            return new Curriculum(stages, heldOut, recipe.data().curriculum().accuracy());
        }

        /// Returns whether a stage is learnt; false for the last one.
        ///
        /// @param stage the number of finished stages
        /// @param score measures the share of the tokens of answers that have more than half the probability
        boolean isPassed(int stage, ToDoubleFunction<ValidationRows> score) {
            return stage < heldOut.size() && score.applyAsDouble(heldOut.get(stage)) >= accuracy;
        }

        @Override
        public TrainingData stage(int number) {
            return stages.get(number);
        }

        @Override
        public String hash() {
            return Sha256.hex(stages.stream()
                    .map(Text::hash)
                    .collect(Collectors.joining("\n"))
                    .getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public long tokens() {
            return stages.stream().mapToLong(Text::tokens).sum();
        }

        @Override
        public void requireTokenizer(Tokenizer tokenizer, String where) {
            stages.forEach(text -> text.requireTokenizer(tokenizer, where));
        }

        @Override
        public Rows rows(Recipe recipe, LoaderPosition position) {
            return stages.getFirst().rows(recipe, position);
        }

        @Override
        public ValidationRows heldOut(Recipe recipe, Tokenizer tokenizer) {
            return stages.getLast().heldOut(recipe, tokenizer);
        }
    }

    /// Conversations. Each row belongs to one conversation and is a separate micro-batch without padding, so
    /// that attention and positions never cross conversations.
    ///
    /// @param dataset the conversations
    /// @param tokenizer the tokenizer of the data
    /// @param template the chat template that formatted the conversations
    /// @param path the path of the data
    record Conversations(ConversationDataset dataset, Tokenizer tokenizer, TrainingTemplate template, Path path)
            implements TrainingData {

        /// Formats conversations with the chat template of the checkpoint that a run starts from.
        ///
        /// @throws InputException if there is no base, or a conversation is invalid
        static Conversations open(Recipe recipe, ConversationSection section, Tokenizer tokenizer) {
            Path base = recipe.initialisation()
                    .from()
                    .orElseThrow(() -> new InputException("data.conversations needs initialisation.from"
                            + " (--init-from DIR), a model whose tokenizer and chat template are used"));
            try {
                TrainingTemplate template =
                        TrainingTemplate.of(CheckpointDirectory.open(base).path(), tokenizer);
                ConversationDataset dataset = ConversationDataset.open(
                        section.path(),
                        new TemplateEncoder(template.template(), tokenizer),
                        new ConversationDataset.Options(
                                recipe.batch().sequenceLength(), section.tooLong(), section.validationFraction()));
                return new Conversations(dataset, tokenizer, template, section.path());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String hash() {
            return dataset.hash();
        }

        @Override
        public long tokens() {
            return dataset.train().stream().mapToLong(row -> row.ids().length).sum();
        }

        @Override
        public void requireTokenizer(Tokenizer other, String where) {
            if (!other.hash().equals(tokenizer.hash())) {
                throw new InputException(where + ": the tokenizer must be the one that encoded the conversations; leave"
                        + " tokenizer.file out");
            }
        }

        @Override
        public Rows rows(Recipe recipe, LoaderPosition position) {
            List<AnswerRow> rows = dataset.train();
            RowOrder order =
                    new RowOrder(path.toString(), rows.size(), recipe.data().seed(), position);
            return new Rows() {
                @Override
                public List<TrainingRows> next(int sequences, int together) {
                    return IntStream.range(0, sequences)
                            .mapToObj(_ -> rows.get((int) order.next()))
                            .map(row -> TrainingRows.of(row.ids(), row.targets()))
                            .toList();
                }

                @Override
                public LoaderPosition position() {
                    return order.position();
                }
            };
        }

        @Override
        public ValidationRows heldOut(Recipe recipe, Tokenizer used) {
            List<AnswerRow> rows = dataset.heldOut();
            int max = Math.min(rows.size(), recipe.metrics().validationSequences());
            return ValidationRows.ofAnswers(
                    rows.subList(0, max), used, recipe.batch().sequenceLength());
        }

        @Override
        public Map<String, byte[]> companions() {
            return template.isMade()
                    ? Map.of(
                            CheckpointTemplate.FILE,
                            template.template().source().getBytes(StandardCharsets.UTF_8))
                    : Map.of();
        }

        @Override
        public List<String> notes() {
            List<String> notes = new ArrayList<>();
            ConversationDataset.Counts counts = dataset.counts();
            if (counts.tooLong() > 0) {
                notes.add(path + ": " + counts.tooLong() + " of " + counts.conversations()
                        + " conversations are longer than batch.sequence_length: " + counts.leftOut()
                        + " of these were skipped, the others truncated");
            }
            if (template.isMade()) {
                notes.add("the base has no chat template; the model learns one that starts each message with a role"
                        + " (User:, Assistant:); this template is saved with the model as " + CheckpointTemplate.FILE);
            }
            return notes;
        }
    }

    /// Conversations mixed with running text in each step, so that a model keeps its knowledge while it learns to
    /// answer.
    ///
    /// The numbers of conversations and text rows are the same in every step, and conversations come first, so
    /// that the position in the conversations determines the position in the text.
    ///
    /// @param conversations the conversations whose answers are the targets; their held-out loss decides which
    ///     weights are the best
    /// @param text text of the same tokenizer, mixed with the conversations in each step
    record Mixed(Conversations conversations, Text text) implements TrainingData {

        @Override
        public String hash() {
            return Sha256.hex((conversations.hash() + "\n" + text.hash()).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public long tokens() {
            return conversations.tokens() + text.tokens();
        }

        @Override
        public void requireTokenizer(Tokenizer tokenizer, String where) {
            conversations.requireTokenizer(tokenizer, where);
            text.requireTokenizer(tokenizer, where);
        }

        /// The rows in a repeating order: the conversations of a step, its text rows, then the conversations
        /// of the next step.
        @Override
        public Rows rows(Recipe recipe, LoaderPosition position) {
            int ofStep = recipe.batch().sequences();
            int answersOfStep = ofStep - recipe.data().textRows(recipe.batch());
            Rows answers = conversations.rows(recipe, position);
            Rows running = text.rows(recipe, positionInText(recipe, position));
            return new Rows() {
                private int given;

                @Override
                public List<TrainingRows> next(int sequences, int together) {
                    List<TrainingRows> microBatches = new ArrayList<>();
                    for (int i = 0; i < sequences; i++) {
                        Rows from = given < answersOfStep ? answers : running;
                        microBatches.addAll(from.next(1, 1));
                        given = (given + 1) % ofStep;
                    }
                    return microBatches;
                }

                @Override
                public LoaderPosition position() {
                    return answers.position();
                }
            };
        }

        /// The position in the text at the boundary between two steps.
        private LoaderPosition positionInText(Recipe recipe, LoaderPosition inConversations) {
            int textOfStep = recipe.data().textRows(recipe.batch());
            long answers =
                    inConversations.epoch() * conversations.dataset().train().size() + inConversations.row();
            long steps = answers / (recipe.batch().sequences() - textOfStep);
            long rows = text.dataset().train().rows(recipe.batch().sequenceLength());
            return rows == 0
                    ? LoaderPosition.START // Too little text; the loader reports that.
                    : new LoaderPosition(steps * textOfStep / rows, steps * textOfStep % rows);
        }

        @Override
        public ValidationRows heldOut(Recipe recipe, Tokenizer tokenizer) {
            return conversations.heldOut(recipe, tokenizer).beside(text.heldOut(recipe, tokenizer));
        }

        @Override
        public Map<String, byte[]> companions() {
            return conversations.companions();
        }

        @Override
        public List<String> notes() {
            return conversations.notes();
        }
    }
}
