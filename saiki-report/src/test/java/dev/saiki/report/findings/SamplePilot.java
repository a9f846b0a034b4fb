package dev.saiki.report.findings;

import dev.saiki.eval.RecordJson;
import dev.saiki.report.findings.PilotResult.Comparison;
import dev.saiki.report.findings.PilotResult.Continuation;
import dev.saiki.report.findings.PilotResult.CurvePoint;
import dev.saiki.report.findings.PilotResult.Model;
import dev.saiki.report.findings.PilotResult.Samples;
import dev.saiki.report.findings.PilotResult.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Results made by hand.
public final class SamplePilot {

    private SamplePilot() {}

    /// A result in which MoR differs from vanilla by `difference`, known to within `margin`.
    public static PilotResult with(double difference, double margin) {
        return with(difference, margin, 0.5, 6.5);
    }

    /// A result in which also the causal share of the second recursion and the loss of the floor are given.
    public static PilotResult with(double difference, double margin, double deepShare, double unigram) {
        return new PilotResult(
                PilotResult.FORMAT_VERSION,
                new PilotResult.Setting("corpus", 10, 7, 2, "Linux amd64", "2026-11-24T12:00:00Z"),
                new PilotResult.Data(4096, 216, 3_830_000, 24, 202_000, 51_000, 180_000, 256, "documents", 24, false),
                4e12,
                List.of(
                        model("vanilla", 1, 4.5, 13.9e6, 1.0),
                        model("recursive-2", 2, 4.55, 13.9e6, 1.0),
                        model("MoR-2", 2, 4.5 + difference, 11.2e6, deepShare)),
                new PilotResult.Unigram(unigram, 0.02, 2.3),
                List.of(
                        comparison("vanilla", difference, margin),
                        comparison("recursive-2", difference - 0.05, margin)),
                new PilotResult.Passage(List.of(new Token("Call", 1, -3.5), new Token(" me", 2, -0.25))),
                List.of(new Samples("The", List.of(new Continuation("vanilla", " whale", 1)))));
    }

    /// Writes a result as versions before 0.1.0 did.
    public static void write(PilotResult result, Path file) throws IOException {
        Files.writeString(
                file, RecordJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(result));
    }

    private static Comparison comparison(String baseline, double difference, double margin) {
        return new Comparison("MoR-2", baseline, difference, margin / 2, difference - margin, difference + margin);
    }

    private static Model model(String name, int numRecursions, double nll, double flops, double deepShare) {
        return new Model(
                name,
                name + "/last",
                numRecursions,
                4_700_000,
                numRecursions == 1 ? 5_900_000 : 3_690_000,
                0.002,
                500,
                280_000,
                4e12,
                150,
                nll,
                0.02,
                1.6,
                numRecursions == 1 ? 1 : 1 + deepShare,
                numRecursions == 1 ? List.of(1.0) : List.of(1 - deepShare, deepShare),
                numRecursions == 1 ? List.of(1.0) : List.of(1.0, 0.5),
                flops,
                4096,
                List.of(new CurvePoint(250, 140_000, 2e12, nll + 0.5), new CurvePoint(500, 280_000, 4e12, nll)));
    }
}
