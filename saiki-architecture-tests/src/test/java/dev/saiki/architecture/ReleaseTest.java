package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// The content of a release, as declared in the POMs.
class ReleaseTest {

    private static final String BOM = "saiki-bom";
    private static final Element PARENT = pom("");

    private static Element pom(String module) {
        try {
            Path file = Repository.ROOT.resolve(module).resolve("pom.xml");
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(file.toFile())
                    .getDocumentElement();
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The texts of all elements with a name.
    private static List<String> texts(Element pom, String name) {
        NodeList found = pom.getElementsByTagName(name);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> found.item(i).getTextContent().strip())
                .toList();
    }

    private static List<String> given() {
        return texts(PARENT, "module").stream()
                .filter(module -> !texts(pom(module), "maven.deploy.skip").contains("true"))
                .toList();
    }

    @Test
    void theBomNamesEveryModuleThatIsGivenAway() {
        Element managed =
                (Element) pom(BOM).getElementsByTagName("dependencyManagement").item(0);
        assertThat(texts(managed, "artifactId"))
                .containsExactlyInAnyOrderElementsOf(
                        given().stream().filter(module -> !module.equals(BOM)).toList());
        assertThat(texts(managed, "groupId")).containsOnly("dev.saiki");
        assertThat(texts(managed, "version")).containsOnly("${project.version}");
    }

    @Test
    void theBomHasNoParentAndTheVersionOfTheProject() {
        Element bom = pom(BOM);
        assertThat(texts(bom, "parent")).isEmpty();
        assertThat(texts(bom, "version").getFirst())
                .isEqualTo(texts(PARENT, "version").getFirst());
        for (String name : List.of("url", "connection", "distribution", "tag")) {
            assertThat(texts(bom, name)).isEqualTo(texts(PARENT, name));
        }
    }

    @Test
    void everyPomThatIsGivenAwaySaysWhatItIs() {
        assertThat(given()).contains("saiki-io", "saiki-engine", "saiki-server", "saiki-cli");
        assertThat(given()).allSatisfy(module -> {
            assertThat(texts(pom(module), "name")).contains(module);
            assertThat(texts(pom(module), "description").getFirst()).isNotBlank();
        });
    }

    @Test
    void theVersionThatIsGivenAwayStandsInTheChangelog() {
        assertThat(Documents.text("CHANGELOG.md"))
                .contains("## [" + texts(PARENT, "version").getFirst() + "] - ");
    }
}
