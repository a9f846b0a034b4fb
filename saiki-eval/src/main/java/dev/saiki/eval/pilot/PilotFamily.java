package dev.saiki.eval.pilot;

/// One of the three kinds of model that a pilot compares.
///
/// All have the same hidden size and eight layers for a token to pass at full depth. Two recursions, not more: at
/// small scale that is the best depth in the published comparisons of recursive models.
///
/// Peak learning rates are constants, the best of a small sweep for each family on the built-in corpus: four trillion
/// FLOPs, two sequences a step, one seed, held-out nats per token, in bfloat16 (vanilla at 2e-3 in float32).
///
/// | | 6e-4 | 1e-3 | 2e-3 |
/// | --- | ---: | ---: | ---: |
/// | vanilla | 5.70 | 5.67 | 5.78 |
/// | recursive-2 | | 5.75 | 5.77 |
/// | MoR-2 | | 5.52 | 5.52 |
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
