package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManualTest {

    @TempDir
    private Path folder;

    @Test
    void everyCommandHasAPageWithItsOptions() throws IOException {
        Manual.writePages(folder);
        List<String> pages;
        try (Stream<Path> files = Files.list(folder)) {
            pages = files.map(file -> String.valueOf(file.getFileName())).toList();
        }
        long commands = CommandSurfaceTest.commands().count();
        assertThat(pages).hasSize((int) commands).contains("saiki.adoc", "saiki-serve.adoc", "saiki-bench-serve.adoc");
        assertThat(folder.resolve("saiki-serve.adoc"))
                .content()
                .contains(":doctype: manpage", "saiki-serve - ", "*--api-keys*", "Circuit breaker")
                .doesNotContain("--model-name");
    }
}
