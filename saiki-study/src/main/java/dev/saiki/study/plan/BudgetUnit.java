package dev.saiki.study.plan;

/// The unit of training lengths in a study.
public enum BudgetUnit {

    /// Forward FLOPs of a training: a model that costs less for a token reads more text.
    FORWARD_FLOPS("budgets", "FLOPs"),

    /// Tokens of a training: all models read the same text, whatever a token costs.
    TOKENS("tokens", "tokens");

    private final String key;
    private final String word;

    BudgetUnit(String key, String word) {
        this.key = key;
        this.word = word;
    }

    /// The key of a plan that lists budgets in this unit.
    ///
    /// @return one key of the plan's first level
    public String key() {
        return key;
    }

    /// The unit as it is written behind a number.
    ///
    /// @return a plural
    public String word() {
        return word;
    }
}
