package dev.saiki.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// A mark of tests that need a program: without it they are left out, and say so; in the CI (`CI=true`) they
/// fail, unless nobody can install it there.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCondition.class)
public @interface Needs {

    /// The program.
    ///
    /// @return what is needed
    Program value();
}
