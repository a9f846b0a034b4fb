/// Reports: the findings of studies, pilots and trainings as pages of HTML, Markdown and JSON.
@org.jspecify.annotations.NullMarked
module dev.saiki.report {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.eval;
    requires transitive dev.saiki.study;

    exports dev.saiki.report;
    exports dev.saiki.report.findings;
    exports dev.saiki.report.roi;
}
