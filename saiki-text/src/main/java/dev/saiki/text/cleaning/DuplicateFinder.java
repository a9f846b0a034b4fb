package dev.saiki.text.cleaning;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// An in-memory search for duplicates. It takes about 60 bytes per document for exact duplicates, and about 400 if
/// near-duplicates are sought too.
final class DuplicateFinder {

    private final CleaningOptions options;
    private final MinHasher hasher = new MinHasher();
    private final Set<TextHash> seen = new HashSet<>();
    private final List<Long> copies = new ArrayList<>();
    private final List<Sketched> sketches = new ArrayList<>();

    private record Sketched(long position, DocumentSketch sketch) {}

    DuplicateFinder(CleaningOptions options) {
        this.options = options;
    }

    /// Adds the next document that the rules on its own text keep.
    void add(long position, String text) {
        if (!seen.add(TextHash.of(text))) {
            copies.add(position);
        } else if (options.duplicates() == DuplicateRemoval.NEAR) {
            hasher.sketch(text).ifPresent(sketch -> sketches.add(new Sketched(position, sketch)));
        }
    }

    /// The positions of documents whose text occurs earlier.
    long[] copies() {
        return copies.stream().mapToLong(Long::longValue).toArray();
    }

    /// The positions of near-duplicates of earlier documents.
    long[] nearDuplicates() {
        DuplicateGroups groups = new DuplicateGroups();
        for (int band = 0; band < MinHasher.BANDS; band++) {
            Map<Long, CandidateBucket> buckets = new HashMap<>();
            for (Sketched document : sketches) {
                buckets.computeIfAbsent(document.sketch().bands()[band], _ -> new CandidateBucket(options.similarity()))
                        .add(document.position(), document.sketch().signature(), groups::join);
            }
        }
        return groups.leftOut();
    }
}
