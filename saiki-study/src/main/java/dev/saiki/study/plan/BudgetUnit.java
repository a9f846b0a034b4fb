package dev.saiki.study.plan;

/// The unit of training lengths in a study.
public enum BudgetUnit {

    /// Forward FLOPs of a training: a model that costs less per token reads more text.
    FORWARD_FLOPS("budgets", "FLOPs"),

    /// Tokens of a training: all models read the same text, whatever their cost per token.
    TOKENS("tokens", "tokens");

    private final String key;
    private final String word;

    BudgetUnit(String key, String word) {
        this.key = key;
        this.word = word;
    }

    /// The plan's key for budgets in this unit.
    ///
    /// @return a key at the top level of the plan
    public String key() {
        return key;
    }

    /// The unit's name, in the form that follows a number.
    ///
    /// @return the unit's name in the plural
    public String word() {
        return word;
    }
}
