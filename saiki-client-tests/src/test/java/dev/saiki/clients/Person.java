package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/// What answers that are bound to a class have, with numbers, names, and parts of their own.
///
/// @param age in years
/// @param tall whether
/// @param name a text
/// @param address with parts of its own
/// @param likes one of some words
/// @param others some of them
record Person(long age, boolean tall, String name, Address address, Colour likes, List<Colour> others) {

    /// Where somebody lives.
    ///
    /// @param number of the house
    /// @param colour of the house
    record Address(long number, Colour colour) {}

    /// A colour.
    enum Colour {
        RED,
        GREEN
    }

    /// Checks that nothing is missing.
    void isWhole() {
        assertThat(this).hasNoNullFieldsOrProperties();
        assertThat(address).hasNoNullFieldsOrProperties();
    }
}
