package dev.saiki.report;

import dev.saiki.eval.format.Column;
import java.util.List;

/// A part of a report with a heading of its own.
public sealed interface ReportSection {

    /// The heading.
    ///
    /// @return a few words
    String heading();

    /// What the reader is about to see and how to read it.
    ///
    /// @return some sentences; may be empty
    String lead();

    /// Points of text.
    ///
    /// @param heading the heading
    /// @param lead what the points are about
    /// @param points one thought each
    record Prose(String heading, String lead, List<String> points) implements ReportSection {
        /// Keeps its own copy of the list.
        public Prose {
            points = List.copyOf(points);
        }
    }

    /// A table; the first column names the row.
    ///
    /// @param heading the heading
    /// @param lead how to read the table
    /// @param columns heads of the columns
    /// @param rows cells of each row, as many as columns
    /// @param notes remarks below the table
    record Table(String heading, String lead, List<Column> columns, List<List<String>> rows, List<String> notes)
            implements ReportSection {
        /// Keeps its own copies and checks that every row fills the columns.
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

    /// Line charts that show the same series over different axes.
    ///
    /// @param heading the heading
    /// @param lead how to read the charts
    /// @param charts one or more charts
    record Charts(String heading, String lead, List<LineChart> charts) implements ReportSection {
        /// Keeps its own copy of the list.
        public Charts {
            charts = List.copyOf(charts);
        }
    }

    /// A text in which every token shows the depth it took.
    ///
    /// @param heading the heading
    /// @param lead what text this is
    /// @param numRecursions greatest depth there is
    /// @param tokens the tokens in order
    record Passage(String heading, String lead, int numRecursions, List<PassageToken> tokens) implements ReportSection {
        /// Keeps its own copy and checks the depths.
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
    /// @param text its part of the text; empty if the token ends within a code point
    /// @param depth recursions it took, from 1
    /// @param logprob natural-log probability of the token given those before it; NaN where there was no prediction
    /// @param next what the model would have said next had no token been allowed more than one recursion, two, and
    ///     so on; empty if nobody asked
    record PassageToken(String text, int depth, double logprob, List<Prediction> next) {
        /// Keeps its own copy of the list.
        public PassageToken {
            next = List.copyOf(next);
        }
    }

    /// The likeliest next token.
    ///
    /// @param text its text
    /// @param probability its probability, in [0, 1]
    record Prediction(String text, double probability) {}

    /// Bars that share out a whole.
    ///
    /// @param heading the heading
    /// @param lead what is shared out
    /// @param bars the bars in order
    record Histogram(String heading, String lead, List<Bar> bars) implements ReportSection {
        /// Keeps its own copy of the list.
        public Histogram {
            bars = List.copyOf(bars);
        }
    }

    /// A bar of a histogram.
    ///
    /// @param label what it stands for
    /// @param depth depth whose colour it takes, from 1
    /// @param share its share of the whole, in [0, 1]
    /// @param detail the number behind it
    record Bar(String label, int depth, double share, String detail) {}

    /// Texts that models wrote after the same prompts.
    ///
    /// @param heading the heading
    /// @param lead how the samples were drawn
    /// @param prompts the prompts with their continuations
    record Samples(String heading, String lead, List<PromptSamples> prompts) implements ReportSection {
        /// Keeps its own copy of the list.
        public Samples {
            prompts = List.copyOf(prompts);
        }
    }

    /// The continuations of one prompt.
    ///
    /// @param prompt the prompt
    /// @param samples one continuation a model
    record PromptSamples(String prompt, List<Sample> samples) {
        /// Keeps its own copy of the list.
        public PromptSamples {
            samples = List.copyOf(samples);
        }
    }

    /// A continuation.
    ///
    /// @param model who wrote it
    /// @param text the continuation, without the prompt
    /// @param meanDepth mean number of recursions spent on a token; NaN if it is not known
    record Sample(String model, String text, double meanDepth) {}

    /// Commands to type, each with what it is for.
    ///
    /// @param heading the heading
    /// @param lead what they are about
    /// @param commands the commands in order
    record Commands(String heading, String lead, List<Command> commands) implements ReportSection {
        /// Keeps its own copy of the list.
        public Commands {
            commands = List.copyOf(commands);
        }
    }

    /// A command.
    ///
    /// @param purpose what it makes or shows
    /// @param line what to type; several lines are several commands
    record Command(String purpose, String line) {}

    /// The running costs of each model, at a price that the reader can change.
    ///
    /// @param heading the heading
    /// @param lead what is reckoned
    /// @param price price of an hour of the machine, in any currency
    /// @param tokensPerUser tokens that a user's texts hold in memory at a time
    /// @param models what was measured of each; the first is the one that others are compared with
    /// @param formulas how each figure is reckoned, in plain words
    /// @param notes remarks below
    record Costs(
            String heading,
            String lead,
            double price,
            long tokensPerUser,
            List<CostedModel> models,
            List<String> formulas,
            List<String> notes)
            implements ReportSection {
        /// Keeps its own copies of the lists and checks the numbers.
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

    /// The figures of a model that matter for costs; NaN for what was not measured.
    ///
    /// @param name the model's name
    /// @param tokensPerSecond tokens written in a second
    /// @param slowest the same in the slowest round
    /// @param fastest the same in the fastest round
    /// @param speedSource how the speed was measured, in words; if it was not, how to
    /// @param cacheBytesPerToken bytes of keys and values of a token
    /// @param weightBytes bytes of the weights
    /// @param trainingSeconds seconds that its training took on the machine
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
