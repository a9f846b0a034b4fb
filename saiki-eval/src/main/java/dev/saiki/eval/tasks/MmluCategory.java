package dev.saiki.eval.tasks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The fields of MMLU, with their subjects.
enum MmluCategory {
    STEM(
            "stem",
            "abstract_algebra anatomy astronomy college_biology college_chemistry college_computer_science"
                    + " college_mathematics college_physics computer_security conceptual_physics"
                    + " electrical_engineering elementary_mathematics high_school_biology high_school_chemistry"
                    + " high_school_computer_science high_school_mathematics high_school_physics"
                    + " high_school_statistics machine_learning"),
    OTHER(
            "other",
            "business_ethics clinical_knowledge college_medicine global_facts human_aging management marketing"
                    + " medical_genetics miscellaneous nutrition professional_accounting professional_medicine"
                    + " virology"),
    SOCIAL_SCIENCES(
            "social sciences",
            "econometrics high_school_geography high_school_government_and_politics high_school_macroeconomics"
                    + " high_school_microeconomics high_school_psychology human_sexuality professional_psychology"
                    + " public_relations security_studies sociology us_foreign_policy"),
    HUMANITIES(
            "humanities",
            "formal_logic high_school_european_history high_school_us_history high_school_world_history"
                    + " international_law jurisprudence logical_fallacies moral_disputes moral_scenarios philosophy"
                    + " prehistory professional_law world_religions");

    private final String alias;
    private final String subjects;

    MmluCategory(String alias, String subjects) {
        this.alias = alias;
        this.subjects = subjects;
    }

    /// The field's name in tables.
    String alias() {
        return alias;
    }

    /// The name of the field inside task names.
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Returns the names of the field's data sets.
    List<String> subjects() {
        return Arrays.asList(subjects.split(" "));
    }
}
