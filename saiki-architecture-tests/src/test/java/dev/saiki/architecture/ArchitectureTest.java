package dev.saiki.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {

    /// The modules of this project that each module may use; a module without an entry may use none.
    private static final Map<String, Set<String>> MAY_SEE = Map.ofEntries(
            entry("io", Set.of()),
            entry("s3", Set.of("io")),
            entry("checkpoint", Set.of("io")),
            entry("text", Set.of("io")),
            entry("convert", Set.of("io", "checkpoint", "text")),
            entry("spark", Set.of("io", "text")),
            entry("tensor", Set.of("io")),
            entry("testkit", Set.of("io", "checkpoint", "tensor")),
            entry("model", Set.of("io", "checkpoint", "tensor")),
            entry("train", Set.of("io", "checkpoint", "tensor", "model", "text")),
            entry("engine", Set.of("io", "checkpoint", "text")),
            entry("eval", Set.of("io", "checkpoint", "text", "tensor", "model", "engine")),
            entry("study", Set.of("io", "checkpoint", "text", "tensor", "model", "train", "engine", "eval")),
            entry("report", Set.of("io", "checkpoint", "text", "tensor", "model", "train", "eval", "study")),
            entry("chat", Set.of("io", "checkpoint", "text", "engine")),
            entry("http", Set.of("io")),
            entry("evidence", Set.of()),
            entry("server", Set.of("io", "checkpoint", "text", "engine", "chat", "http", "evidence")),
            entry("rollout", Set.of("io", "http", "evidence")),
            entry("langchain4j", Set.of("io", "checkpoint", "text", "engine", "chat")),
            entry("spring", Set.of("io", "checkpoint", "text", "engine", "chat")),
            entry(
                    "cli",
                    Set.of(
                            "io",
                            "checkpoint",
                            "text",
                            "convert",
                            "tensor",
                            "model",
                            "train",
                            "engine",
                            "chat",
                            "http",
                            "evidence",
                            "eval",
                            "study",
                            "report",
                            "server",
                            "rollout")));

    @TestFactory
    List<DynamicTest> modulesSeeOnlyWhatStandsBelowThem() {
        List<DynamicTest> tests = new ArrayList<>();
        MAY_SEE.forEach((module, allowed) -> tests.add(DynamicTest.dynamicTest(module, () -> {
            List<String> others = MAY_SEE.keySet().stream()
                    .filter(other -> !other.equals(module) && !allowed.contains(other))
                    .map(other -> "dev.saiki." + other + "..")
                    .toList();
            noClasses()
                    .that(resideInAnyPackage("dev.saiki." + module + ".."))
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(others.toArray(String[]::new)))
                    .allowEmptyShould(true)
                    .check(SaikiClasses.ALL);
        })));
        return tests;
    }

    @Test
    void everyClassBelongsToAModuleOfTheTable() {
        Set<String> modules = SaikiClasses.ALL.stream()
                .map(type -> type.getPackageName()
                        .replaceFirst("^dev\\.saiki\\.", "")
                        .replaceFirst("\\..*", ""))
                .collect(Collectors.toSet());
        assertThat(MAY_SEE.keySet()).containsAll(modules);
        assertThat(modules)
                .contains("io", "checkpoint", "text", "tensor", "model", "train", "eval", "study", "report", "cli");
    }

    @Test
    void onlyTheCommandLineWritesToTheStandardStreams() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.saiki.cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(SaikiClasses.ALL);
    }

    @Test
    void onlyMainClassesEndTheProcess() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.saiki.cli.Main")
                .and()
                .doNotHaveFullyQualifiedName("dev.saiki.spark.SaikiSpark")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .check(SaikiClasses.ALL);
    }

    @Test
    void onlyTheModuleOfObjectStorageSeesItsClient() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.saiki.s3..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon..")
                .check(SaikiClasses.ALL);
    }

    @Test
    void onlyTheTensorModuleSeesJavaCpp() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.saiki.tensor..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco..")
                .check(SaikiClasses.ALL);
    }

    /// Factories without a device create tensors on the CPU; a step that mixes devices would fail on a GPU
    /// only.
    @Test
    void whatModelsAndTrainingsMakeIsOnADeviceThatIsNamed() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.saiki.model..", "dev.saiki.train..")
                .should()
                .callMethod(Tensors.class, "zeros", DType.class, long[].class)
                .orShould()
                .callMethod(Tensors.class, "empty", DType.class, long[].class)
                .orShould()
                .callMethod(Tensors.class, "of", float[].class, long[].class)
                .orShould()
                .callMethod(Tensors.class, "of", long[].class, long[].class)
                .orShould()
                .callMethod(Tensors.class, "scalar", double.class)
                .check(SaikiClasses.ALL);
    }

    @Test
    void onlyTheSparkModuleSeesSpark() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.saiki.spark..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..")
                .check(SaikiClasses.ALL);
    }

    /// Another HTTP server must be able to carry the same endpoints.
    @Test
    void endpointsSeeNoHttpServer() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.saiki.http.server")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.helidon..")
                .check(SaikiClasses.ALL);
    }

    @Test
    void noClassIsNamedAfterNothing() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .check(SaikiClasses.ALL);
    }

    @Test
    void exportedTypesAreClosedForSurprises() {
        Set<String> exported = SaikiClasses.exportedPackages();
        assertThat(exported).contains("dev.saiki.io", "dev.saiki.checkpoint", "dev.saiki.tensor");
        classes()
                .that(DescribedPredicate.describe(
                        "are public and exported",
                        type -> exported.contains(type.getPackageName()) && isPublicAllTheWay(type)))
                .should(beFinalSealedOrAnInterface())
                .check(SaikiClasses.ALL);
    }

    private static boolean isPublicAllTheWay(JavaClass type) {
        boolean isPublic = type.getModifiers().contains(JavaModifier.PUBLIC);
        return isPublic
                && type.getEnclosingClass()
                        .map(ArchitectureTest::isPublicAllTheWay)
                        .orElse(true);
    }

    private static ArchCondition<JavaClass> beFinalSealedOrAnInterface() {
        return new ArchCondition<>("be final, sealed, a record, an enum, an interface or an exception") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean closed = type.isInterface()
                        || type.isEnum()
                        || type.isRecord()
                        || type.isAnnotation()
                        || type.isAssignableTo(Throwable.class)
                        || type.getModifiers().contains(JavaModifier.FINAL)
                        || type.reflect().isSealed();
                if (!closed) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " can be extended by anyone"));
                }
            }
        };
    }

    @Test
    void packagesDoNotGoInCircles() {
        SlicesRuleDefinition.slices()
                .matching("dev.saiki.(**)")
                .should()
                .beFreeOfCycles()
                .check(SaikiClasses.ALL);
    }

    /// A rule that cannot fail is worthless: the command line, which may do all of this, breaks each rule.
    @Test
    void theRulesCanBeBroken() {
        assertThat(breaks(noClasses()
                        .that()
                        .resideInAPackage("dev.saiki.cli..")
                        .should()
                        .accessField(System.class, "out")))
                .isTrue();
        assertThat(breaks(noClasses()
                        .that()
                        .resideInAPackage("dev.saiki.tensor..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("org.bytedeco..")))
                .isTrue();
        assertThat(breaks(noClasses()
                        .that(resideInAnyPackage("dev.saiki.cli.."))
                        .should()
                        .dependOnClassesThat(resideInAnyPackage("dev.saiki.eval.."))))
                .isTrue();
    }

    private static boolean breaks(ArchRule rule) {
        return rule.evaluate(SaikiClasses.ALL).hasViolation();
    }
}
