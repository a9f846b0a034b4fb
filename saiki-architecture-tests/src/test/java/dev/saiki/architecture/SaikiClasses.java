package dev.saiki.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// The compiled classes of all modules, read once.
final class SaikiClasses {

    /// Every class of the project without tests.
    static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.saiki");

    private SaikiClasses() {}

    /// The packages that any module exports to everyone.
    static Set<String> exportedPackages() {
        Set<String> exported = new TreeSet<>();
        try {
            for (URL url : Collections.list(SaikiClasses.class.getClassLoader().getResources("module-info.class"))) {
                try (InputStream input = url.openStream()) {
                    ModuleDescriptor module = ModuleDescriptor.read(input);
                    if (module.name().startsWith("dev.saiki.")) {
                        module.exports().stream()
                                .filter(export -> !export.isQualified())
                                .forEach(export -> exported.add(export.source()));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return exported;
    }
}
