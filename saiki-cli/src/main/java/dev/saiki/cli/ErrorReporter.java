package dev.saiki.cli;

import dev.saiki.cli.serving.StartFailures;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.ParameterException;

/// The handler of failures: it prints each failure as one line on standard error, or one line per mistake if
/// a file has several, and returns the exit code.
///
/// A mistake that the user can correct, in an option or a file, is wrong use (exit code 2). Everything else is a
/// failure (exit code 1), including a full disk, since the same command may succeed later. The message of a
/// failure other than a full disk names the option that shows the stack trace.
final class ErrorReporter {

    /// The operating system's reasons for rejecting a path, if choosing another path corrects the mistake.
    private static final Set<String> CORRECTABLE_REASONS =
            Set.of("not a directory", "is a directory", "read-only file system", "file name too long");

    private static final String IS_A_FOLDER = "is a directory";

    private final Console console;
    private final BooleanSupplier stacktraceWanted;
    private final boolean inLog;
    private Supplier<List<Path>> outputs = List::of;

    /// Makes a reporter for one command.
    ///
    /// @param inLog whether failures go to a server's JSON log instead of standard error
    ErrorReporter(Console console, BooleanSupplier stacktraceWanted, boolean inLog) {
        this.console = console;
        this.stacktraceWanted = stacktraceWanted;
        this.inLog = inLog;
    }

    /// Sets the command's outputs. The message about a full disk names them if the failure names no file.
    void nameOutputs(Supplier<List<Path>> known) {
        outputs = known;
    }

    /// Reports an exception or error that ended a command.
    int report(Throwable failure) {
        Optional<Throwable> shown = Optional.of(failure).filter(_ -> isStacktraceWanted());
        List<Throwable> chain = chain(failure);
        Optional<Throwable> fullDisk = chain.stream()
                .filter(link -> link instanceof IOException && saysDiskIsFull(link))
                .findFirst();
        if (fullDisk.isPresent()) {
            print(fullDiskMessage(fullDisk.get(), outputs.get()), shown);
            return ExitCode.FAILED;
        }
        Optional<String> mistake = mistake(chain);
        if (mistake.isPresent()) {
            print(mistake.get(), shown);
            return ExitCode.WRONG_USE;
        }
        String detail = shown.isPresent() ? "" : " (--stacktrace shows more)";
        print(failureMessage(failure) + detail, shown);
        return ExitCode.FAILED;
    }

    /// Reports that standard output is incomplete; a print stream itself throws no exception on a write error.
    int reportLostOutput() {
        print(
                "standard output is incomplete: the disk may be full, or the program reading it may have ended",
                Optional.empty());
        return ExitCode.FAILED;
    }

    /// Reports options that picocli rejected.
    int reportWrongUse(ParameterException wrong, String[] arguments) {
        print(new UsageError(wrong, List.of(arguments)).message(), Optional.empty());
        return ExitCode.WRONG_USE;
    }

    private boolean isStacktraceWanted() {
        String variable = console.environment().getOrDefault("SAIKI_STACKTRACE", "");
        return stacktraceWanted.getAsBoolean()
                || !(variable.isEmpty() || variable.equals("0") || variable.equals("false"));
    }

    private void print(String message, Optional<Throwable> shown) {
        String lines = message.strip().replaceAll("\\s*\\R\\s*(?!\\s|- )", " ");
        if (inLog) {
            StartFailures.log(lines, shown);
            return;
        }
        shown.ifPresent(failure -> failure.printStackTrace(console.err()));
        console.err().println("saiki: " + lines);
    }

    /// The message for a mistake of the user; empty for any other failure.
    private static Optional<String> mistake(List<Throwable> chain) {
        for (Throwable link : chain) {
            if (link instanceof InputException input) {
                return Optional.of(messageOf(input));
            }
            if (link instanceof IOException ioFailure) {
                return mistakeInFiles(ioFailure);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> mistakeInFiles(IOException failure) {
        return switch (failure) {
            case NoSuchFileException absent ->
                Optional.of(
                        fileOf(absent) + ": no such file or folder" + Suggestions.forMissing(Path.of(fileOf(absent))));
            case FileNotFoundException absent -> Optional.of(messageOf(absent));
            case AccessDeniedException denied ->
                Optional.of(fileOf(denied) + ": permission denied; change the permissions, or choose another place");
            case NotDirectoryException file -> Optional.of(file.getFile() + ": is a file where a folder is needed");
            case FileAlreadyExistsException taken ->
                Optional.of(taken.getFile() + ": exists already and is not a folder; choose another place");
            case DirectoryNotEmptyException full -> Optional.of(full.getFile() + ": the folder is not empty");
            case CharacterCodingException encoding -> Optional.of("the text is not UTF-8: " + messageOf(encoding));
            case FileSystemException other
            when CORRECTABLE_REASONS.contains(reasonOf(other)) ->
                Optional.of(fileOf(other) + ": " + reasonOf(other) + "; choose another place");
            // Java's exception names no path if a folder is read as a file.
            default ->
                messageOf(failure).equalsIgnoreCase(IS_A_FOLDER)
                        ? Optional.of("a folder was given where a file is needed")
                        : Optional.empty();
        };
    }

    /// The path known to the user, even if the data was first written under a temporary name.
    private static String fileOf(FileSystemException failure) {
        String file = String.valueOf(failure.getFile());
        return file.endsWith(AtomicFiles.TEMPORARY_SUFFIX)
                ? file.substring(0, file.length() - AtomicFiles.TEMPORARY_SUFFIX.length())
                : file;
    }

    private static boolean saysDiskIsFull(Throwable failure) {
        String message = messageOf(failure).toLowerCase(Locale.ROOT);
        return message.contains("no space left on device")
                || message.contains("not enough space on the disk")
                || message.contains("quota exceeded");
    }

    /// If a write fails, Java's exception may name no file; the message then names the command's outputs.
    private static String fullDiskMessage(Throwable failure, List<Path> outputs) {
        String where = failure instanceof FileSystemException named && named.getFile() != null
                ? fileOf(named)
                : outputs.stream().map(Path::toString).collect(Collectors.joining(", "));
        return (where.isEmpty() ? "" : where + ": ")
                + "the disk is full; free some space or choose another folder (existing files are unchanged)";
    }

    private static String failureMessage(Throwable failure) {
        return switch (failure) {
            case OutOfMemoryError memory ->
                "out of memory: " + messageOf(memory) + "; try a smaller batch, or a larger heap, such as"
                        + " SAIKI_JAVA_OPTIONS=-Xmx8g";
            case LinkageError linkage ->
                "cannot load a library: " + messageOf(linkage) + "; `saiki doctor` shows what this machine offers";
            default -> messageOf(failure);
        };
    }

    private static String messageOf(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }

    private static String reasonOf(FileSystemException failure) {
        String reason = failure.getReason();
        return reason == null ? "" : reason.toLowerCase(Locale.ROOT);
    }

    /// The failure and its causes, outermost first; stops at a cycle.
    private static List<Throwable> chain(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> chain = new ArrayList<>();
        Throwable link = failure;
        while (link != null && seen.add(link)) {
            chain.add(link);
            link = link.getCause();
        }
        return chain;
    }
}
