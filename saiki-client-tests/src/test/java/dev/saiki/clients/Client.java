package dev.saiki.clients;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/// A mark of the tests of one client in Java, which are a row of the table in `docs/clients.md`.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("clients")
@interface Client {

    /// Group and name of the artifact that a program depends on.
    String artifact();

    /// A class of the client, whose jar has the version in its name.
    Class<?> type();

    /// Features that the client has not.
    Feature[] lacks() default {};
}
