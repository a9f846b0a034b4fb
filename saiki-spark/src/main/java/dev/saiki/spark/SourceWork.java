package dev.saiki.spark;

import java.io.Serializable;
import java.util.BitSet;

/// A source with its duplicates.
///
/// @param file the source
/// @param copies the numbers of the source's documents whose text occurs earlier in the corpus
/// @param nearDuplicates the numbers of the source's documents that are similar to an earlier one
record SourceWork(InputFile file, BitSet copies, BitSet nearDuplicates) implements Serializable {

    static SourceWork of(InputFile file) {
        return new SourceWork(file, new BitSet(), new BitSet());
    }
}
