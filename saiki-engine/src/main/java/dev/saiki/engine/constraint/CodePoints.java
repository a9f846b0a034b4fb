package dev.saiki.engine.constraint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A set of Unicode code points, without surrogates.
///
/// @param ranges ranges in ascending order, neither adjacent nor overlapping
record CodePoints(List<Range> ranges) {

    private static final int FIRST_SURROGATE = 0xD800;
    private static final int LAST_SURROGATE = 0xDFFF;

    static final CodePoints ALL = of(0, Character.MAX_CODE_POINT);

    /// An inclusive range of code points.
    record Range(int from, int to) {}

    /// Sorts and merges the ranges, and removes surrogates.
    CodePoints {
        List<Range> sorted = new ArrayList<>();
        for (Range range : ranges) {
            addWithoutSurrogates(sorted, range);
        }
        sorted.sort(Comparator.comparingInt(Range::from));
        List<Range> joined = new ArrayList<>();
        for (Range range : sorted) {
            if (!joined.isEmpty() && range.from() <= joined.getLast().to() + 1) {
                Range last = joined.removeLast();
                joined.add(new Range(last.from(), Math.max(last.to(), range.to())));
            } else {
                joined.add(range);
            }
        }
        ranges = List.copyOf(joined);
    }

    private static void addWithoutSurrogates(List<Range> target, Range range) {
        if (range.from() < FIRST_SURROGATE) {
            target.add(new Range(range.from(), Math.min(range.to(), FIRST_SURROGATE - 1)));
        }
        if (range.to() > LAST_SURROGATE) {
            target.add(new Range(Math.max(range.from(), LAST_SURROGATE + 1), range.to()));
        }
    }

    static CodePoints of(int from, int to) {
        return new CodePoints(List.of(new Range(from, to)));
    }

    static CodePoints of(String each) {
        return new CodePoints(
                each.codePoints().mapToObj(point -> new Range(point, point)).toList());
    }

    CodePoints or(CodePoints other) {
        List<Range> both = new ArrayList<>(ranges);
        both.addAll(other.ranges);
        return new CodePoints(both);
    }

    CodePoints not() {
        List<Range> gaps = new ArrayList<>();
        int from = 0;
        for (Range range : ranges) {
            if (range.from() > from) {
                gaps.add(new Range(from, range.from() - 1));
            }
            from = range.to() + 1;
        }
        if (from <= Character.MAX_CODE_POINT) {
            gaps.add(new Range(from, Character.MAX_CODE_POINT));
        }
        return new CodePoints(gaps);
    }

    CodePoints without(CodePoints other) {
        return not().or(other).not();
    }

    CodePoints and(CodePoints other) {
        return without(other.not());
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean contains(int point) {
        return ranges.stream().anyMatch(range -> range.from() <= point && point <= range.to());
    }
}
