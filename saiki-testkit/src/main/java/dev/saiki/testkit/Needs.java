package dev.saiki.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// An annotation for tests that need a program. Without the program, such a test is skipped with a message; in CI
/// (`CI=true`) it fails, unless the program cannot be installed there.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCondition.class)
public @interface Needs {

    /// The program.
    ///
    /// @return the program
    Program value();
}
