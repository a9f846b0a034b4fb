package dev.saiki.checkpoint.config;

/// The router that makes the causal decision in expert-choice routing.
public enum CausalBy implements JsonEnum {

    /// The router that also gates.
    ROUTER("router"),

    /// A second router, trained to predict the first one's top-k.
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
    /// @param where the JSON key it was found at, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice is spelled so
    public static CausalBy fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
