package dev.saiki.text.cleaning;

/// The position of a document in a corpus as one number that grows in corpus order: the number of the
/// document's source in the high bits, and the document's number in that source in the low bits.
public final class DocumentPosition {

    private DocumentPosition() {}

    /// Combines the number of a source and the number of a document in it.
    ///
    /// @param source the number of the source, from 0
    /// @param number the number of the document in its source, from 0
    /// @return the position
    public static long of(int source, int number) {
        return (long) source << Integer.SIZE | number;
    }

    /// The source of a document.
    ///
    /// @param position the position of the document
    /// @return the number of the source
    public static int source(long position) {
        return (int) (position >>> Integer.SIZE);
    }

    /// The number of a document in its source.
    ///
    /// @param position the position of the document
    /// @return the number, from 0
    public static int number(long position) {
        return (int) position;
    }
}
