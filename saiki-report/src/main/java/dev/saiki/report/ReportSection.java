package dev.saiki.report;

import dev.saiki.eval.format.Column;
import java.util.List;

/// A section of a report with its own heading.
public sealed interface ReportSection {

    /// The heading.
    ///
    /// @return the heading
    String heading();

    /// A paragraph that explains what the section shows and how to read it.
    ///
    /// @return some sentences; may be empty
    String lead();

    /// A list of points, each one thought.
    ///
    /// @param heading the heading
    /// @param lead introduction to the points
    /// @param points the points of the list
    record Prose(String heading, String lead, List<String> points) implements ReportSection {
        /// Copies the list.
        public Prose {
            points = List.copyOf(points);
        }
    }

    /// A table; the first column names the row.
    ///
    /// @param heading the heading
    /// @param lead how to read the table
    /// @param columns headers of the columns
    /// @param rows cells of each row, one per column
    /// @param notes remarks below the table
    record Table(String heading, String lead, List<Column> columns, List<List<String>> rows, List<String> notes)
            implements ReportSection {
        /// Copies the lists and checks that every row has one cell per column.
        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
            notes = List.copyOf(notes);
            for (List<String> row : rows) {
                if (row.size() != columns.size()) {
                    throw new IllegalArgumentException(
                            "a row of " + row.size() + " cells in a table of " + columns.size() + " columns: " + row);
                }
            }
        }
    }

    /// Line charts of the same series over different axes.
    ///
    /// @param heading the heading
    /// @param lead how to read the charts
    /// @param charts one or more charts
    record Charts(String heading, String lead, List<LineChart> charts) implements ReportSection {
        /// Copies the list.
        public Charts {
            charts = List.copyOf(charts);
        }
    }

    /// A text annotated with the depth of every token.
    ///
    /// @param heading the heading
    /// @param lead description of the text
    /// @param numRecursions maximum depth
    /// @param tokens the tokens in order
    record Passage(String heading, String lead, int numRecursions, List<PassageToken> tokens) implements ReportSection {
        /// Copies the list and checks the depths.
        public Passage {
            tokens = List.copyOf(tokens);
            for (PassageToken token : tokens) {
                if (token.depth() < 1 || token.depth() > numRecursions) {
                    throw new IllegalArgumentException(
                            "depth " + token.depth() + " in a model of " + numRecursions + " recursions");
                }
            }
        }
    }

    /// A token of a passage.
    ///
    /// @param text the token's part of the text; empty if the token ends within a code point
    /// @param depth number of recursions that the token took, from 1
    /// @param logprob natural-log probability of the token given the tokens before it; NaN without a
    ///     prediction
    /// @param next the model's predictions of the next token, one for each limit on the depth of all tokens:
    ///     one recursion, two, and so on; empty if no predictions were computed
    record PassageToken(String text, int depth, double logprob, List<Prediction> next) {
        /// Copies the list.
        public PassageToken {
            next = List.copyOf(next);
        }
    }

    /// The likeliest next token.
    ///
    /// @param text text of the token
    /// @param probability probability of the token, in [0, 1]
    record Prediction(String text, double probability) {}

    /// Bars that show the shares of a whole.
    ///
    /// @param heading the heading
    /// @param lead description of what the bars divide
    /// @param bars the bars in order
    record Histogram(String heading, String lead, List<Bar> bars) implements ReportSection {
        /// Copies the list.
        public Histogram {
            bars = List.copyOf(bars);
        }
    }

    /// A bar of a histogram.
    ///
    /// @param label label of the bar
    /// @param depth depth that determines the bar's colour, from 1
    /// @param share the bar's share of the whole, in [0, 1]
    /// @param detail the number shown after the bar
    record Bar(String label, int depth, double share, String detail) {}

    /// Texts that models generated from the same prompts.
    ///
    /// @param heading the heading
    /// @param lead method of sampling
    /// @param prompts the prompts with their continuations
    record Samples(String heading, String lead, List<PromptSamples> prompts) implements ReportSection {
        /// Copies the list.
        public Samples {
            prompts = List.copyOf(prompts);
        }
    }

    /// The continuations of one prompt.
    ///
    /// @param prompt the prompt
    /// @param samples one continuation per model
    record PromptSamples(String prompt, List<Sample> samples) {
        /// Copies the list.
        public PromptSamples {
            samples = List.copyOf(samples);
        }
    }

    /// A continuation.
    ///
    /// @param model name of the model
    /// @param text the continuation, without the prompt
    /// @param meanDepth mean number of recursions per token; NaN if unknown
    record Sample(String model, String text, double meanDepth) {}

    /// Commands to type, each with its purpose.
    ///
    /// @param heading the heading
    /// @param lead introduction to the commands
    /// @param commands the commands in order
    record Commands(String heading, String lead, List<Command> commands) implements ReportSection {
        /// Copies the list.
        public Commands {
            commands = List.copyOf(commands);
        }
    }

    /// A command.
    ///
    /// @param purpose purpose of the command
    /// @param line the command; if there are several lines, each is a command of its own
    record Command(String purpose, String line) {}

    /// The running costs of each model, at a price that the reader can change.
    ///
    /// @param heading the heading
    /// @param lead description of the costs
    /// @param price machine price per hour, in any currency
    /// @param tokensPerUser number of tokens of a user's texts that are in memory at a time
    /// @param models the measurements of each model; the first model is the baseline
    /// @param formulas the formula of each figure, in words
    /// @param notes remarks below the table
    record Costs(
            String heading,
            String lead,
            double price,
            long tokensPerUser,
            List<CostedModel> models,
            List<String> formulas,
            List<String> notes)
            implements ReportSection {
        /// Copies the lists and checks the numbers.
        public Costs {
            models = List.copyOf(models);
            formulas = List.copyOf(formulas);
            notes = List.copyOf(notes);
            if (!(price > 0) || tokensPerUser < 1) {
                throw new IllegalArgumentException(
                        "a price above zero and at least one token are needed, got " + price + " and " + tokensPerUser);
            }
        }
    }

    /// The figures of a model that determine its costs; a figure is NaN if it was not measured.
    ///
    /// @param name the model's name
    /// @param tokensPerSecond generated tokens per second
    /// @param slowest tokens per second in the slowest round
    /// @param fastest tokens per second in the fastest round
    /// @param speedSource a description of how the speed was measured, or, if there is no measurement, of how
    ///     to measure it
    /// @param cacheBytesPerToken bytes of keys and values per token
    /// @param weightBytes size of the weights in bytes
    /// @param trainingSeconds duration of the model's training on the machine
    record CostedModel(
            String name,
            double tokensPerSecond,
            double slowest,
            double fastest,
            String speedSource,
            double cacheBytesPerToken,
            double weightBytes,
            double trainingSeconds) {}
}
