package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.text.dataset.TokenDataset;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `data.target_weights`: how much the loss of a token counts, by whether it belongs to a marked answer.
///
/// @param answers the number of times each token of a marked answer counts as a target
/// @param others the number of times each other token does; 0 trains on answers alone
public record TargetWeights(int answers, int others) {

    /// Equal weights, as for text without marked answers.
    public static final TargetWeights EQUAL = new TargetWeights(1, 1);

    private static final int MAX = 100;
    private static final String ANSWERS = "answers";
    private static final String OTHERS = "others";
    private static final String PATH = "data.target_weights.";

    /// Checks the weights.
    ///
    /// @throws InputException if one is outside its range
    public TargetWeights {
        Problems.requireAll(
                () -> RecipeChecks.that(answers >= 1 && answers <= MAX, PATH + ANSWERS, "from 1 to " + MAX, answers),
                () -> RecipeChecks.that(others >= 0 && others <= MAX, PATH + OTHERS, "from 0 to " + MAX, others));
    }

    static TargetWeights read(SectionReader reader) {
        return new TargetWeights(
                reader.smallInteger(ANSWERS, EQUAL.answers), reader.smallInteger(OTHERS, EQUAL.others));
    }

    void write(ObjectNode section) {
        section.put(ANSWERS, answers).put(OTHERS, others);
    }

    /// Returns whether all tokens count the same.
    ///
    /// @return whether the weights are equal
    public boolean areEqual() {
        return answers == others;
    }

    /// Returns whether only the tokens of marked answers are targets.
    ///
    /// @return whether other tokens have no weight
    public boolean areAnswersAlone() {
        return others == 0;
    }

    /// Returns the weights of a row's tokens.
    ///
    /// @param isAnswer for each token whether it belongs to a marked answer
    /// @return a weight for each token
    public int[] of(boolean[] isAnswer) {
        int[] weights = new int[isAnswer.length];
        Arrays.setAll(weights, i -> isAnswer[i] ? answers : others);
        return weights;
    }

    /// Rejects unequal weights for data without marked answers.
    ///
    /// @param dataset the training data
    /// @throws InputException if no answer is marked, and the weights differ
    public void requireFits(TokenDataset dataset) {
        if (!areEqual()) {
            requireMarks(dataset, "data.target_weights");
        }
    }

    /// Rejects data without marked answers.
    ///
    /// @param dataset the training data
    /// @param key the key of the recipe that needs marked answers
    /// @throws InputException if no answer is marked
    public static void requireMarks(TokenDataset dataset, String key) {
        InputException.require(
                dataset.train().hasMarks(),
                dataset.train().name(),
                "the dataset",
                "prepared from texts with marked_answers for " + key + ", such as those of `saiki data problems`",
                "no marked answers");
    }
}
