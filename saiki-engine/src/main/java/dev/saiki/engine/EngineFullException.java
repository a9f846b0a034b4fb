package dev.saiki.engine;

/// As many requests wait as may wait; try again later.
public final class EngineFullException extends RuntimeException {

    private static final long serialVersionUID = 1;

    EngineFullException(int waiting) {
        super(waiting + " requests wait already, which is as many as may");
    }
}
