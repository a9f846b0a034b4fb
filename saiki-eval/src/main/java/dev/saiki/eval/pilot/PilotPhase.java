package dev.saiki.eval.pilot;

/// A part of the pilot's work.
public enum PilotPhase {
    /// Learns the vocabulary.
    TOKENIZER("tokenizer"),
    /// Encodes the corpus and sets held-out documents aside.
    DATA("data"),
    /// Times some steps of each model to find the budget.
    CALIBRATION("calibration"),
    /// Trains the three models.
    TRAINING("training"),
    /// Scores held-out documents.
    EVALUATION("evaluation"),
    /// Lets each model write.
    SAMPLES("samples"),
    /// Writes results and report.
    REPORT("report");

    private final String title;

    PilotPhase(String title) {
        this.title = title;
    }

    /// Returns the name for people.
    ///
    /// @return one word
    public String title() {
        return title;
    }
}
