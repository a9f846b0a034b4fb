/// The trainer: recipes, schedules, metrics, exact resume.
@org.jspecify.annotations.NullMarked
module dev.saiki.train {
    requires static transitive org.jspecify;
    requires transitive dev.saiki.model;
    requires transitive dev.saiki.text;
    requires jdk.jfr;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;
    requires org.slf4j;

    exports dev.saiki.train;
    exports dev.saiki.train.deepening;
    exports dev.saiki.train.parallel;
    exports dev.saiki.train.plan;
    exports dev.saiki.train.recipe;
    exports dev.saiki.train.schedule;
    exports dev.saiki.train.metrics;
}
