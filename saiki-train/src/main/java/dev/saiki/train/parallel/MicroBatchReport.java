package dev.saiki.train.parallel;

import dev.saiki.model.TrainingPass;
import dev.saiki.model.routing.RoutingStatistics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The measurements of one micro-batch, in a form that can be sent to other processes.
public sealed interface MicroBatchReport {

    /// The measurements of a micro-batch of the run's text.
    ///
    /// @param losses the losses that the micro-batch's pass reported
    record Own(TrainingPass.Report losses) implements MicroBatchReport {}

    /// The measurement of a micro-batch of the teacher's own text.
    ///
    /// @param sum the divergence from the teacher's predictions, nats, summed over targets
    record OfTeacher(double sum) implements MicroBatchReport {}

    /// Writes reports.
    ///
    /// @param reports the reports of one process
    /// @return the form that {@link #read} reads
    static byte[] write(List<MicroBatchReport> reports) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream output = new DataOutputStream(bytes)) {
            output.writeInt(reports.size());
            for (MicroBatchReport report : reports) {
                switch (report) {
                    case Own own -> {
                        output.writeBoolean(true);
                        write(output, own.losses());
                    }
                    case OfTeacher ofTeacher -> {
                        output.writeBoolean(false);
                        output.writeDouble(ofTeacher.sum());
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// Reads reports.
    ///
    /// @param written the form that {@link #write} wrote
    /// @return the reports
    static List<MicroBatchReport> read(byte[] written) {
        try (DataInputStream input = new DataInputStream(new ByteArrayInputStream(written))) {
            int count = input.readInt();
            List<MicroBatchReport> reports = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                reports.add(input.readBoolean() ? new Own(readLosses(input)) : new OfTeacher(input.readDouble()));
            }
            return reports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(DataOutputStream output, TrainingPass.Report report) throws IOException {
        output.writeDouble(report.crossEntropySum());
        output.writeDouble(report.auxiliary());
        output.writeDouble(report.routerZ());
        output.writeDouble(report.balancing());
        output.writeDouble(report.auxiliaryRouter());
        report.counts().write(output);
        output.writeInt(report.candidateLogits().size());
        for (float[] logits : report.candidateLogits()) {
            output.writeInt(logits.length);
            for (float logit : logits) {
                output.writeFloat(logit);
            }
        }
        output.writeBoolean(report.depths().isPresent());
        if (report.depths().isPresent()) {
            write(output, report.depths().get());
        }
        output.writeDouble(report.rejectedGain());
        output.writeDouble(report.teacherSum());
    }

    private static TrainingPass.Report readLosses(DataInputStream input) throws IOException {
        double crossEntropySum = input.readDouble();
        double auxiliary = input.readDouble();
        double routerZ = input.readDouble();
        double balancing = input.readDouble();
        double auxiliaryRouter = input.readDouble();
        RoutingStatistics.Counts counts = RoutingStatistics.Counts.read(input);
        List<float[]> candidateLogits = new ArrayList<>();
        for (int steps = input.readInt(); steps > 0; steps--) {
            float[] logits = new float[input.readInt()];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = input.readFloat();
            }
            candidateLogits.add(logits);
        }
        Optional<TrainingPass.DepthLosses> depths =
                input.readBoolean() ? Optional.of(readDepths(input)) : Optional.empty();
        return new TrainingPass.Report(
                crossEntropySum,
                auxiliary,
                routerZ,
                balancing,
                auxiliaryRouter,
                counts,
                candidateLogits,
                depths,
                input.readDouble(),
                input.readDouble());
    }

    private static void write(DataOutputStream output, TrainingPass.DepthLosses depths) throws IOException {
        output.writeLong(depths.tokens());
        output.writeInt(depths.crossEntropySums().size());
        for (double sum : depths.crossEntropySums()) {
            output.writeDouble(sum);
        }
        output.writeDouble(depths.minimisedSum());
        output.writeDouble(depths.distillationSum());
        output.writeDouble(depths.routerGain());
    }

    private static TrainingPass.DepthLosses readDepths(DataInputStream input) throws IOException {
        long tokens = input.readLong();
        List<Double> sums = new ArrayList<>();
        for (int exits = input.readInt(); exits > 0; exits--) {
            sums.add(input.readDouble());
        }
        return new TrainingPass.DepthLosses(tokens, sums, input.readDouble(), input.readDouble(), input.readDouble());
    }
}
