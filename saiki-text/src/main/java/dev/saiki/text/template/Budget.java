package dev.saiki.text.template;

import dev.saiki.io.InputException;

/// A limit on a template's work: each character that is written or searched costs one step, and each item of
/// a list or evaluation of an expression costs several steps. Templates that loop forever or grow without bound
/// are thus stopped.
final class Budget {

    private static final int DEEPEST = 200;
    private static final int STEPS_OF_NODE = 20;
    private static final int STEPS_OF_ITEM = 8;

    private final long most;
    private long left;
    private int depth;

    Budget(long most) {
        this.most = most;
        this.left = most;
    }

    /// Charges a cost.
    ///
    /// @throws InputException if the budget is exceeded
    void charge(long cost) {
        left -= Math.max(0, cost);
        if (left < 0) {
            throw new InputException("rendering takes more than " + most + " steps");
        }
    }

    /// Charges the length of a text.
    String charged(String text) {
        charge(text.length());
        return text;
    }

    /// Charges the cost of items.
    void chargeItems(long count) {
        charge(count * STEPS_OF_ITEM);
    }

    /// Enters a level of nesting; the caller must leave it again.
    void enter() {
        charge(STEPS_OF_NODE);
        if (++depth > DEEPEST) {
            throw new InputException("nested more than " + DEEPEST + " levels deep");
        }
    }

    void leave() {
        depth--;
    }
}
