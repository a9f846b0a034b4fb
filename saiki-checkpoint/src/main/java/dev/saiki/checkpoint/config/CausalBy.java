package dev.saiki.checkpoint.config;

/// The router that makes the causal decision in expert-choice routing.
public enum CausalBy implements JsonEnum {

    /// The router that also gates.
    ROUTER("router"),

    /// A second router, trained to predict the top-k of the first.
    AUXILIARY_ROUTER("auxiliary_router");

    private final String key;

    CausalBy(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }

    /// Finds the choice with a given spelling.
    ///
    /// @param key the spelling in JSON
    /// @param where the JSON key of the value, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice has this spelling
    public static CausalBy fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
