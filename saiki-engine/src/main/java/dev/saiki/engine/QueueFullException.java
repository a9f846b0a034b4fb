package dev.saiki.engine;

/// An exception thrown because the queue is full, so that the same request may succeed later.
public final class QueueFullException extends RuntimeException {

    private static final long serialVersionUID = 1;

    QueueFullException(int waiting) {
        super("the queue is full, with " + waiting + " waiting");
    }
}
