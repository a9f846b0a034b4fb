package example;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// The question of the command line.
///
/// @param question the property of that name
@Component
public record Question(@Value("${question}") String question) {}
