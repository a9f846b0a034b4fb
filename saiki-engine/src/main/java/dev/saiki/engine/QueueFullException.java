package dev.saiki.engine;

/// An exception that says that as many requests wait as may; try again later.
public final class QueueFullException extends RuntimeException {

    private static final long serialVersionUID = 1;

    QueueFullException(int waiting) {
        super(waiting + " requests wait already, which is as many as may");
    }
}
