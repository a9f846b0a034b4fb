package dev.saiki.report.roi;

import dev.saiki.report.Language;
import dev.saiki.report.Messages;
import dev.saiki.report.Report;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;

/// The numbers of a plan as a workbook for spreadsheets, unrounded: summary, steps, months and assumptions.
public final class RoiWorkbook {

    private static final double WIDE = 44;

    private RoiWorkbook() {}

    /// Writes a workbook.
    ///
    /// @param analysis what was reckoned
    /// @param language of its words
    /// @param out takes the bytes, and is closed
    /// @throws IOException if it cannot be written
    public static void write(RoiAnalysis analysis, Language language, OutputStream out) throws IOException {
        Messages messages = Messages.in(language);
        Report report = RoiReport.of(analysis, language);
        try (Workbook workbook = new Workbook(out, "Saiki", "1.0")) {
            summary(workbook.newWorksheet(messages.format("roi.sheet.summary")), report, analysis, messages);
            steps(workbook.newWorksheet(messages.format("roi.sheet.steps")), analysis, messages);
            months(workbook.newWorksheet(messages.format("roi.sheet.months")), analysis, messages);
            assumptions(workbook.newWorksheet(messages.format("roi.sheet.assumptions")), analysis, messages);
        }
    }

    private static void summary(Worksheet sheet, Report report, RoiAnalysis analysis, Messages messages) {
        sheet.width(0, WIDE);
        sheet.value(0, 0, report.title());
        sheet.value(1, 0, report.answer());
        sheet.value(2, 0, report.subtitle());
        int row = 4;
        row = line(sheet, row, messages.format("roi.staying"), analysis.likely().totalStaying());
        row = line(
                sheet, row, messages.format("roi.changing"), analysis.likely().totalChanging());
        row = line(
                sheet,
                row,
                messages.format("roi.saved") + " 5 %",
                analysis.saving().low());
        row = line(
                sheet,
                row,
                messages.format("roi.saved") + " 50 %",
                analysis.saving().median());
        row = line(
                sheet,
                row,
                messages.format("roi.saved") + " 95 %",
                analysis.saving().high());
        row = line(sheet, row, messages.format("roi.paying"), analysis.paying());
        if (analysis.costRatio().isPresent()) {
            RoiAnalysis.Range ratio = analysis.costRatio().get();
            row = line(sheet, row, messages.format("roi.costRatio") + " 5 %", ratio.low());
            row = line(sheet, row, messages.format("roi.costRatio") + " 50 %", ratio.median());
            row = line(sheet, row, messages.format("roi.costRatio") + " 95 %", ratio.high());
        }
        for (String sentence : report.explanation()) {
            sheet.value(row++, 0, sentence);
        }
    }

    private static int line(Worksheet sheet, int row, String label, double value) {
        sheet.value(row, 0, label);
        sheet.value(row, 1, value);
        return row + 1;
    }

    private static void steps(Worksheet sheet, RoiAnalysis analysis, Messages messages) {
        heads(
                sheet,
                List.of(
                        messages.format("roi.step"),
                        messages.format("roi.months"),
                        messages.format("roi.once"),
                        messages.format("roi.running"),
                        messages.format("roi.stayingMeanwhile")));
        int row = 1;
        for (RoiAnalysis.StepCosts step : analysis.likely().steps()) {
            sheet.value(row, 0, step.name());
            sheet.value(row, 1, step.months());
            sheet.value(row, 2, step.once());
            sheet.value(row, 3, step.running());
            sheet.value(row, 4, step.staying());
            row++;
        }
    }

    private static void months(Worksheet sheet, RoiAnalysis analysis, Messages messages) {
        heads(
                sheet,
                List.of(
                        messages.format("roi.month"),
                        messages.format("roi.staying"),
                        messages.format("roi.changing"),
                        messages.format("roi.saved")));
        List<Double> ahead = analysis.ahead();
        for (int month = 0; month < ahead.size(); month++) {
            sheet.value(month + 1, 0, month + 1);
            sheet.value(month + 1, 1, analysis.likely().staying().get(month));
            sheet.value(month + 1, 2, analysis.likely().changing().get(month));
            sheet.value(month + 1, 3, ahead.get(month));
        }
    }

    private static void assumptions(Worksheet sheet, RoiAnalysis analysis, Messages messages) {
        heads(
                sheet,
                List.of(
                        messages.format("roi.quantity"),
                        messages.format("roi.likely"),
                        messages.format("roi.low"),
                        messages.format("roi.high"),
                        messages.format("roi.key")));
        int row = 1;
        for (Map.Entry<Quantity, UncertainNumber> entry :
                analysis.plan().quantities().entrySet()) {
            UncertainNumber number = entry.getValue();
            sheet.value(row, 0, messages.format("roi." + entry.getKey().key()));
            sheet.value(row, 1, number.likely());
            sheet.value(row, 2, number.low());
            sheet.value(row, 3, number.high());
            sheet.value(row, 4, entry.getKey().key());
            row++;
        }
    }

    private static void heads(Worksheet sheet, List<String> heads) {
        sheet.width(0, WIDE);
        for (int column = 0; column < heads.size(); column++) {
            sheet.value(0, column, heads.get(column));
            sheet.style(0, column).bold().set();
        }
        sheet.freezePane(0, 1);
    }
}
