package dev.saiki.spark;

import java.io.Serializable;
import java.util.BitSet;

/// A source with the duplicates that were found in it.
///
/// @param file the source
/// @param copies the numbers of its documents whose text stands in the corpus before
/// @param nearDuplicates those of its documents to which another one before is nearly the same
record SourceWork(InputFile file, BitSet copies, BitSet nearDuplicates) implements Serializable {

    static SourceWork of(InputFile file) {
        return new SourceWork(file, new BitSet(), new BitSet());
    }
}
