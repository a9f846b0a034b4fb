package dev.saiki.study;

import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.GainRanking;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.eval.audit.StepGain.RankedGain;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.eval.format.TextTable;
import dev.saiki.study.results.MeasuredGains;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The table of what further recursions are worth to single tokens, all steps together.
final class GainTable {

    private GainTable() {}

    static TextTable of(StudyResults results) {
        List<List<String>> rows = new ArrayList<>();
        for (RunResult run : results.runs()) {
            run.gains().map(MeasuredGains::steps).stream()
                    .flatMap(steps -> steps.stream().limit(1))
                    .forEach(all -> rows.add(List.of(
                            run.id(),
                            Numbers.percent(all.share(), 0),
                            Numbers.percent(all.helped().mean(), 1),
                            signed(all.worth()),
                            signed(all.worthWithFollowing()),
                            capture(all, GainRanking.ROUTER),
                            capture(all, GainRanking.REGRESSION),
                            capture(all, GainRanking.FORESEEABLE),
                            area(all, GainRanking.ROUTER))));
        }
        return new TextTable(
                List.of(
                        new Column("Run", ""),
                        new Column("Chosen", "of those at a step"),
                        new Column("Helped", "tokens"),
                        new Column("Worth", "nats"),
                        new Column("", "with later tokens"),
                        new Column("Captures", "router"),
                        new Column("", "regression on the state"),
                        new Column("", "foreseeable"),
                        new Column("Area", "router")),
                rows);
    }

    private static String capture(StepGain gain, GainRanking ranking) {
        return of(gain, ranking, RankedGain::capture)
                .map(capture -> Numbers.percent(capture.mean(), 1) + " (" + Numbers.percent(capture.low(), 1) + " to "
                        + Numbers.percent(capture.high(), 1) + ")")
                .orElse("–");
    }

    private static String area(StepGain gain, GainRanking ranking) {
        return of(gain, ranking, RankedGain::area)
                .map(area -> Numbers.fixed(area.mean(), 3) + " (" + Numbers.fixed(area.low(), 3) + " to "
                        + Numbers.fixed(area.high(), 3) + ")")
                .orElse("–");
    }

    private static Optional<Interval> of(StepGain gain, GainRanking ranking, Function<RankedGain, Interval> number) {
        return gain.of(ranking).map(number).filter(known -> !Double.isNaN(known.mean()));
    }

    private static String signed(Interval interval) {
        return Numbers.signed(interval.mean(), 4) + " (" + Numbers.signed(interval.low(), 4) + " to "
                + Numbers.signed(interval.high(), 4) + ")";
    }
}
