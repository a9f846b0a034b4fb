package dev.saiki.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// The invented conversations in `examples`: a user asks for a small story, and gets one in a fixed form with a
/// title.
///
/// No held-out conversation has the title of another conversation. `java StoryChats.java examples` writes both
/// files.
final class StoryChats {

    static final String TAUGHT = "conversations.jsonl";
    static final String HELD_OUT = "conversations-held-out.jsonl";

    private static final int NUM_TAUGHT = 300;
    private static final int NUM_HELD_OUT = 100;

    private static final List<String> GIRLS = List.of("Mia", "Lily", "Anna", "Sue", "Lucy", "Emma", "Zoe", "Kate");
    private static final List<String> BOYS = List.of("Tom", "Max", "Ben", "Sam", "Tim", "Jack", "Leo", "Dan");
    private static final List<String> LOOKS =
            List.of("red", "blue", "green", "big", "small", "old", "shiny", "soft", "new", "funny");
    private static final List<String> THINGS =
            List.of("ball", "boat", "hat", "cake", "kite", "book", "box", "drum", "toy car", "bell", "shell", "flower");
    private static final List<String> PLACES =
            List.of("in the park", "in the garden", "by the sea", "under a tree", "at school", "near the house");
    private static final List<String> ENDS =
            List.of("was very happy", "smiled all day", "went home and slept well", "could not wait to tell mom");

    private static final List<String> REQUESTS = List.of(
            "Tell me a story about NAME and A LOOK THING.",
            "Please write a short story for me. NAME finds A LOOK THING.",
            "I want a story about A LOOK THING and NAME.",
            "Can you tell me about NAME and A LOOK THING?");
    private static final List<String> MORE =
            List.of("Another one, about NAME and A LOOK THING.", "Now one about NAME and A LOOK THING, please.");
    private static final List<String> BEGINNINGS = List.of(
            "Once upon a time, there was a little KIND named NAME.",
            "One day, NAME went out to play PLACE.",
            "NAME was a little KIND who liked to play PLACE.");
    private static final List<String> FINDS = List.of(
            "SHE saw A LOOK THING PLACE.",
            "Then SHE found A LOOK THING.",
            "HER mom gave HIM A LOOK THING.",
            "There was A LOOK THING on the ground, and SHE picked it up.");
    private static final List<String> EVENTS = List.of(
            "A dog came and took the THING away, but NAME ran fast and got it back.",
            "NAME showed the LOOK THING to FRIEND, and they played with it together.",
            "It started to rain, so NAME hid the THING under HER coat.",
            "FRIEND was sad, so NAME gave the LOOK THING to FRIEND.",
            "The THING fell into the water, and a kind duck brought it back.",
            "A bird sat on the THING and sang a song.");

    private final Random random;

    private StoryChats(long seed) {
        this.random = new Random(seed);
    }

    /// A request for a story.
    private record Wish(String name, boolean isGirl, String look, String thing) {

        String title() {
            return "%s and the %s %s".formatted(name, look, thing);
        }

        /// Inserts the words of the request into a sentence.
        String said(String sentence, String place, String friend) {
            return capital(sentence.replace("NAME", name)
                    .replace("A LOOK", ("aeiou".indexOf(look.charAt(0)) < 0 ? "a " : "an ") + look)
                    .replace("LOOK", look)
                    .replace("THING", thing)
                    .replace("KIND", isGirl ? "girl" : "boy")
                    .replace("SHE", isGirl ? "she" : "he")
                    .replace("HER", isGirl ? "her" : "his")
                    .replace("HIM", isGirl ? "her" : "him")
                    .replace("PLACE", place)
                    .replace("FRIEND", friend));
        }

        private static String capital(String sentence) {
            return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
        }
    }

    /// The lines of both files: the training conversations, and the held-out ones.
    static List<List<String>> files() {
        StoryChats chats = new StoryChats(1);
        Set<String> titles = new HashSet<>();
        List<String> heldOut = new ArrayList<>();
        while (heldOut.size() < NUM_HELD_OUT) {
            List<Wish> wishes = chats.wishes();
            wishes.forEach(wish -> titles.add(wish.title()));
            heldOut.add(chats.conversation(wishes));
        }
        List<String> taught = new ArrayList<>();
        while (taught.size() < NUM_TAUGHT) {
            List<Wish> wishes = chats.wishes();
            if (wishes.stream().noneMatch(wish -> titles.contains(wish.title()))) {
                taught.add(chats.conversation(wishes));
            }
        }
        return List.of(taught, heldOut);
    }

    private List<Wish> wishes() {
        Wish first = wish();
        Wish second = wish();
        return random.nextInt(5) < 2 || second.title().equals(first.title()) ? List.of(first) : List.of(first, second);
    }

    private Wish wish() {
        boolean isGirl = random.nextBoolean();
        return new Wish(one(isGirl ? GIRLS : BOYS), isGirl, one(LOOKS), one(THINGS));
    }

    private String conversation(List<Wish> wishes) {
        List<String> messages = new ArrayList<>();
        if (random.nextInt(4) == 0) {
            messages.add(message("system", "You tell small stories."));
        }
        for (Wish wish : wishes) {
            List<String> forms = wish.equals(wishes.getFirst()) ? REQUESTS : MORE;
            messages.add(message("user", wish.said(one(forms), "", "")));
            messages.add(message("assistant", "Title: %s\nStory: %s\nThe end.".formatted(wish.title(), story(wish))));
        }
        return "{\"messages\": [" + String.join(", ", messages) + "]}";
    }

    private String story(Wish wish) {
        String friend = one(wish.isGirl() ? BOYS : GIRLS);
        List<String> sentences = new ArrayList<>(List.of(one(BEGINNINGS), one(FINDS), one(EVENTS)));
        sentences.add("NAME " + one(ENDS) + ".");
        String place = one(PLACES);
        return String.join(
                " ",
                sentences.stream()
                        .map(sentence -> wish.said(sentence, place, friend))
                        .toList());
    }

    private static String message(String role, String content) {
        return "{\"role\": \"%s\", \"content\": \"%s\"}".formatted(role, content.replace("\n", "\\n"));
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    /// Writes both files.
    ///
    /// @param arguments the folder
    /// @throws IOException if a file cannot be written
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(Arrays.asList(arguments).getFirst());
        Files.write(folder.resolve(TAUGHT), files().getFirst());
        Files.write(folder.resolve(HELD_OUT), files().getLast());
    }
}
