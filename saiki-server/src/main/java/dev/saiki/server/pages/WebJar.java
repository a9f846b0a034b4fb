package dev.saiki.server.pages;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/// A library for browsers that comes from a Maven repository, with its files as they were published.
enum WebJar {
    /// The page that shows an OpenAPI document.
    SWAGGER_UI("org.webjars", "swagger-ui"),
    /// A parser of Markdown, of which only the parser is used: what it renders would be markup made of strings.
    MARKED("org.webjars.npm", "marked");

    private final String group;
    private final String artifact;

    WebJar(String group, String artifact) {
        this.group = group;
        this.artifact = artifact;
    }

    /// Finds a file.
    ///
    /// @param name below the library's folder
    /// @return its place among the program's resources
    public String resource(String name) {
        String facts = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        try (InputStream input = Objects.requireNonNull(WebJar.class.getResourceAsStream(facts), facts)) {
            Properties known = new Properties();
            known.load(input);
            return "/META-INF/resources/webjars/" + artifact + "/" + known.getProperty("version") + "/" + name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
