package dev.saiki.eval.pilot;

/// One of the three kinds of model that a pilot compares.
///
/// All have the same hidden size and eight layers for a token to pass at full depth. Two recursions, not more: at
/// small scale that is the best depth in the published comparisons of recursive models.
///
/// Peak learning rates are constants, found by a sweep on the built-in corpus at the default length; a rate that is
/// right for one family is not for another.
enum PilotFamily {
    /// Eight layers of their own.
    VANILLA("vanilla", "vanilla", "small-vanilla", 1e-3),
    /// An unshared layer, three layers applied twice, an unshared layer; every token takes both recursions.
    RECURSIVE("recursive", "recursive-2", "small-recursive2", 1e-3),
    /// The same layers, and a router that sends about half of all tokens through the second recursion.
    MOR("mor", "MoR-2", "small-mor2-expert", 1e-3);

    private final String folder;
    private final String title;
    private final String recipe;
    private final double learningRate;

    PilotFamily(String folder, String title, String recipe, double learningRate) {
        this.folder = folder;
        this.title = title;
        this.recipe = recipe;
        this.learningRate = learningRate;
    }

    /// The name of the run's folder.
    String folder() {
        return folder;
    }

    /// The name for people.
    String title() {
        return title;
    }

    /// The built-in recipe that the pilot's is derived from.
    String recipe() {
        return recipe;
    }

    /// The peak learning rate.
    double learningRate() {
        return learningRate;
    }
}
