package dev.saiki.engine.constraint;

import dev.saiki.engine.constraint.NumberBounds.Bound;
import dev.saiki.io.InputException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.lucene.util.automaton.Automaton;

/// Finite automata over the digits of numbers within bounds, written as in JSON, without an exponent.
///
/// A non-negative number is greater than another if it has more digits before the point, or the same number of
/// digits and a greater digit at the first difference. After the point, only the first difference matters. This
/// comparison can be written as a regular expression, one for the lower bound and one for the upper bound. The
/// multiples of a number are an automaton whose states are remainders.
final class NumberAutomata {

    /// The maximum number of digits on each side of the point, unless a bound has more digits there.
    private static final int DIGITS = 15;

    /// The maximum number of digits of a bound on each side of the point.
    private static final int MAX_DIGITS = 40;

    /// The maximum number of states in an automaton of remainders.
    private static final int MAX_REMAINDERS = 2000;

    private static final Regex DIGIT = digits(0, 9);
    private static final Regex MINUS = letter('-');
    private static final Regex POINT = letter('.');
    private static final Regex ANY_DIGITS = new Regex.Repeated(DIGIT, 0, Grammar.UNBOUNDED);
    private static final Regex ANY_FRACTION = optional(inOrder(POINT, DIGIT, ANY_DIGITS));
    private static final Regex NO_FRACTION =
            optional(inOrder(POINT, new Regex.Repeated(letter('0'), 1, Grammar.UNBOUNDED)));

    private NumberAutomata() {}

    /// The numbers within bounds.
    ///
    /// @throws InputException if a bound has too many digits, or if the multiples of a factor need too many states
    static Automaton of(NumberBounds bounds) {
        Automaton numbers = TextAutomata.of(shape(bounds));
        if (bounds.least().isPresent()) {
            numbers = TextAutomata.both(
                    numbers, TextAutomata.of(atLeast(bounds.least().get())));
        }
        if (bounds.most().isPresent()) {
            numbers = TextAutomata.both(
                    numbers, TextAutomata.of(atMost(bounds.most().get())));
        }
        for (BigDecimal factor : bounds.factors()) {
            numbers = TextAutomata.both(numbers, multiples(factor, bounds.whole()));
        }
        return numbers;
    }

    private static Regex shape(NumberBounds bounds) {
        int before = DIGITS;
        int after = DIGITS;
        for (Bound bound : Stream.of(bounds.least(), bounds.most())
                .flatMap(Optional::stream)
                .toList()) {
            BigDecimal value = bound.value();
            int digits = value.precision() - value.scale();
            if (digits > MAX_DIGITS || value.scale() > MAX_DIGITS) {
                throw new InputException(
                        "bounds must have at most " + MAX_DIGITS + " digits on each side of the point");
            }
            before = Math.max(before, digits);
            after = Math.max(after, value.scale());
        }
        Regex integer = choice(letter('0'), inOrder(digits(1, 9), new Regex.Repeated(DIGIT, 0, before - 1)));
        Regex fraction = bounds.whole() ? Regex.NOTHING : optional(inOrder(POINT, new Regex.Repeated(DIGIT, 1, after)));
        return inOrder(optional(MINUS), integer, fraction);
    }

    private static Regex atLeast(Bound bound) {
        return bound.value().signum() >= 0
                ? magnitudeAtLeast(bound)
                : choice(inOrder(DIGIT, ANY_DIGITS, ANY_FRACTION), inOrder(MINUS, magnitudeAtMost(bound)));
    }

    private static Regex atMost(Bound bound) {
        boolean negative = bound.value().signum() < 0 || (bound.value().signum() == 0 && !bound.inclusive());
        return negative
                ? inOrder(MINUS, magnitudeAtLeast(bound))
                : choice(inOrder(MINUS, DIGIT, ANY_DIGITS, ANY_FRACTION), magnitudeAtMost(bound));
    }

    private static String integerDigits(BigDecimal value) {
        return value.abs().toBigInteger().toString();
    }

    private static String fractionDigits(BigDecimal value) {
        BigDecimal fraction = value.abs().remainder(BigDecimal.ONE).stripTrailingZeros();
        return fraction.signum() == 0 ? "" : fraction.toPlainString().substring(2);
    }

    private static Regex magnitudeAtLeast(Bound bound) {
        String integer = integerDigits(bound.value());
        String fraction = fractionDigits(bound.value());
        List<Regex> options = new ArrayList<>();
        options.add(
                inOrder(digits(1, 9), new Regex.Repeated(DIGIT, integer.length(), Grammar.UNBOUNDED), ANY_FRACTION));
        for (int at = 0; at < integer.length(); at++) {
            greater(integer, at).ifPresent(digits -> options.add(inOrder(digits, ANY_FRACTION)));
        }
        List<Regex> fractions = new ArrayList<>();
        for (int at = 0; at < fraction.length(); at++) {
            int digit = fraction.charAt(at) - '0';
            if (digit < 9) {
                fractions.add(inOrder(text(fraction.substring(0, at)), digits(digit + 1, 9), ANY_DIGITS));
            }
        }
        Regex more = bound.inclusive() ? ANY_DIGITS : inOrder(ANY_DIGITS, digits(1, 9), ANY_DIGITS);
        if (fraction.isEmpty() && bound.inclusive()) {
            options.add(inOrder(text(integer), ANY_FRACTION));
        } else {
            fractions.add(inOrder(text(fraction), more));
            options.add(inOrder(text(integer), POINT, new Regex.Choice(fractions)));
        }
        return new Regex.Choice(options);
    }

    /// The integers with as many digits as a given one, equal digits before a position, and a greater digit there.
    private static Optional<Regex> greater(String integer, int at) {
        int digit = integer.charAt(at) - '0';
        return digit == 9
                ? Optional.empty()
                : Optional.of(inOrder(
                        text(integer.substring(0, at)),
                        digits(digit + 1, 9),
                        new Regex.Repeated(DIGIT, integer.length() - at - 1, integer.length() - at - 1)));
    }

    private static Regex magnitudeAtMost(Bound bound) {
        String integer = integerDigits(bound.value());
        String fraction = fractionDigits(bound.value());
        List<Regex> options = new ArrayList<>();
        if (integer.length() > 1) {
            options.add(inOrder(letter('0'), ANY_FRACTION));
            options.add(inOrder(digits(1, 9), new Regex.Repeated(DIGIT, 0, integer.length() - 2), ANY_FRACTION));
        }
        for (int at = 0; at < integer.length(); at++) {
            less(integer, at).ifPresent(digits -> options.add(inOrder(digits, ANY_FRACTION)));
        }
        if (fraction.isEmpty()) {
            if (bound.inclusive()) {
                options.add(inOrder(text(integer), NO_FRACTION));
            }
        } else {
            options.add(text(integer));
            options.add(inOrder(text(integer), POINT, fractionAtMost(fraction, bound.inclusive())));
        }
        return new Regex.Choice(options);
    }

    /// The integers with as many digits as a given one, equal digits before a position, and a smaller digit there.
    private static Optional<Regex> less(String integer, int at) {
        int first = at == 0 && integer.length() > 1 ? 1 : 0;
        int digit = integer.charAt(at) - '0';
        return digit <= first
                ? Optional.empty()
                : Optional.of(inOrder(
                        text(integer.substring(0, at)),
                        digits(first, digit - 1),
                        new Regex.Repeated(DIGIT, integer.length() - at - 1, integer.length() - at - 1)));
    }

    private static Regex fractionAtMost(String fraction, boolean inclusive) {
        List<Regex> options = new ArrayList<>();
        for (int at = 0; at < fraction.length(); at++) {
            int digit = fraction.charAt(at) - '0';
            if (digit > 0) {
                options.add(inOrder(text(fraction.substring(0, at)), digits(0, digit - 1), ANY_DIGITS));
            }
            if (at > 0) {
                options.add(text(fraction.substring(0, at)));
            }
        }
        if (inclusive) {
            options.add(inOrder(text(fraction), new Regex.Repeated(letter('0'), 0, Grammar.UNBOUNDED)));
        }
        return new Regex.Choice(options);
    }

    /// The multiples of a number, with at most as many digits after the point as the number has.
    private static Automaton multiples(BigDecimal factor, boolean whole) {
        BigDecimal plain = factor.stripTrailingZeros();
        int scale = Math.max(0, plain.scale());
        if (plain.precision() > MAX_DIGITS || Math.abs(plain.scale()) > MAX_DIGITS) {
            throw tooLarge(factor);
        }
        BigInteger units = plain.scaleByPowerOfTen(scale).toBigIntegerExact();
        if (whole) {
            // If p / q is in lowest terms, an integer is a multiple of it exactly if the integer is a multiple of
            // p.
            units = units.divide(units.gcd(BigInteger.TEN.pow(scale)));
            scale = 0;
        }
        int zeros = 0;
        while (scale == 0 && units.mod(BigInteger.TEN).signum() == 0) {
            units = units.divide(BigInteger.TEN);
            zeros++;
        }
        if (units.bitLength() > 31 || units.longValue() * (scale + 2) > MAX_REMAINDERS) {
            throw tooLarge(factor);
        }
        return remainders(units.intValue(), scale, zeros);
    }

    private static InputException tooLarge(BigDecimal factor) {
        return new InputException("multipleOf must be a number with fewer digits, so that at most " + MAX_REMAINDERS
                + " remainders are possible, got " + factor);
    }

    /// An automaton that tracks the remainder of the digits read so far, in units of the last decimal place.
    ///
    /// @param units the number whose multiples are accepted, in units of the last decimal place
    /// @param scale number of digits after the point
    /// @param zeros number of trailing zeros of every multiple other than 0
    private static Automaton remainders(int units, int scale, int zeros) {
        // The builder accepts transitions in any order; without it, the transitions of one state must be added
        // together.
        Automaton.Builder numbers = new Automaton.Builder();
        int start = numbers.createState();
        int signed = numbers.createState();
        int[][] read = new int[scale + 2][units];
        for (int[] states : read) {
            Arrays.setAll(states, _ -> numbers.createState());
        }
        numbers.addTransition(start, signed, '-');
        for (int digit = 0; digit <= 9; digit++) {
            numbers.addTransition(start, read[0][digit % units], '0' + digit);
            numbers.addTransition(signed, read[0][digit % units], '0' + digit);
        }
        for (int remainder = 0; remainder < units; remainder++) {
            for (int digit = 0; digit <= 9; digit++) {
                int next = (10 * remainder + digit) % units;
                numbers.addTransition(read[0][remainder], read[0][next], '0' + digit);
                for (int place = 1; place <= scale; place++) {
                    numbers.addTransition(read[place][remainder], read[place + 1][next], '0' + digit);
                }
            }
            if (scale > 0) {
                numbers.addTransition(read[0][remainder], read[1][remainder], '.');
            }
        }
        accept(numbers, read, units, scale);
        Automaton multiples = numbers.finish();
        if (zeros == 0) {
            return multiples;
        }
        Automaton zero = TextAutomata.of(letter('0'));
        return TextAutomata.either(zero, TextAutomata.then(multiples, TextAutomata.of(text("0".repeat(zeros)))));
    }

    private static void accept(Automaton.Builder numbers, int[][] read, int units, int scale) {
        for (int remainder = 0; remainder < units; remainder++) {
            for (int place = 0; place <= scale + 1; place++) {
                // Place 1 is directly after the point, before any digit; a number cannot end there.
                int digitsRead = Math.max(0, place - 1);
                long value = remainder * pow10(scale - digitsRead, units);
                if (place != 1 && value % units == 0) {
                    numbers.setAccept(read[place][remainder], true);
                }
            }
        }
    }

    private static long pow10(int exponent, int modulus) {
        return BigInteger.TEN.pow(exponent).mod(BigInteger.valueOf(modulus)).longValue();
    }

    private static Regex digits(int from, int to) {
        return new Regex.Characters(CodePoints.of('0' + from, '0' + to));
    }

    private static Regex letter(char letter) {
        return new Regex.Characters(CodePoints.of(letter, letter));
    }

    private static Regex text(String text) {
        return new Regex.Sequence(
                text.chars().mapToObj(letter -> letter((char) letter)).toList());
    }

    private static Regex inOrder(Regex... parts) {
        return new Regex.Sequence(List.of(parts));
    }

    private static Regex choice(Regex... options) {
        return new Regex.Choice(List.of(options));
    }

    private static Regex optional(Regex part) {
        return new Regex.Repeated(part, 0, 1);
    }
}
