package dev.saiki.server.pages;

import dev.saiki.io.Resources;
import java.util.Properties;

/// A JavaScript library from a Maven repository, with its files as published.
enum WebJar {
    /// The page that shows an OpenAPI document.
    SWAGGER_UI("org.webjars", "swagger-ui"),
    /// A Markdown parser; its renderer, which creates markup from strings, is not used.
    MARKED("org.webjars.npm", "marked");

    private final String group;
    private final String artifact;

    WebJar(String group, String artifact) {
        this.group = group;
        this.artifact = artifact;
    }

    /// Finds a file.
    ///
    /// @param name the file's name below the library's folder
    /// @return the file's resource name
    public String resource(String name) {
        String facts = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        Properties known = Resources.properties(WebJar.class.getResourceAsStream(facts), facts);
        return "/META-INF/resources/webjars/" + artifact + "/" + known.getProperty("version") + "/" + name;
    }
}
