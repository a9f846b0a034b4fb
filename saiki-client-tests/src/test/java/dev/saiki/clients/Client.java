package dev.saiki.clients;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/// An annotation of the tests of one Java client, from which its row of the table in `docs/clients.md` is made.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("clients")
@interface Client {

    /// The group and name of the artifact that a program depends on.
    String artifact();

    /// A class of the client; the name of its jar contains the version.
    Class<?> type();

    /// The features that the client does not have.
    Feature[] lacks() default {};
}
