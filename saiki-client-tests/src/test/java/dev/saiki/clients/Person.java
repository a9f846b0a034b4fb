package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/// The class of answers in the form of a schema, with numbers, texts and nested objects.
///
/// @param age the age in years
/// @param tall whether the person is tall
/// @param name a text
/// @param address a nested object
/// @param likes one of several words
/// @param others some of these words
record Person(long age, boolean tall, String name, Address address, Colour likes, List<Colour> others) {

    /// An address.
    ///
    /// @param number the number of the house
    /// @param colour the colour of the house
    record Address(long number, Colour colour) {}

    /// A colour.
    enum Colour {
        RED,
        GREEN
    }

    /// Checks that no value is missing.
    void isWhole() {
        assertThat(this).hasNoNullFieldsOrProperties();
        assertThat(address).hasNoNullFieldsOrProperties();
    }
}
