package dev.saiki.text.problem;

/// The set to which a problem belongs, decided by a hash of its question: no question is in both.
public enum ProblemSplit {
    /// Nine problems of ten, to train on.
    TRAIN,
    /// One problem of ten, to evaluate.
    HELD_OUT;

    private static final int OF_WHICH_ONE_IS_HELD_OUT = 10;

    boolean has(Problem problem) {
        boolean heldOut = Long.remainderUnsigned(problem.hash(), OF_WHICH_ONE_IS_HELD_OUT) == 0;
        return heldOut == (this == HELD_OUT);
    }
}
