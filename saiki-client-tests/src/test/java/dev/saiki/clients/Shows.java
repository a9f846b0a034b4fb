package dev.saiki.clients;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// An annotation of a test that fails if certain features of its client do not work.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Shows {

    /// The features.
    Feature[] value();
}
