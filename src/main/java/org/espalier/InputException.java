package org.espalier;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The user's input or environment is wrong: a file, a recipe, an argument, a full disk. The message
 * is one line that names the file or key, what was expected and what was found; the command line
 * prints it without a stack trace and exits with code 2. Everything else that is thrown is a fault
 * of the program.
 */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Longest message; what was found may come from a file and be of any length. */
  private static final int LONGEST = 1000;

  /**
   * Makes an exception; control characters and ends of lines in the message are replaced by
   * question marks.
   */
  public InputException(String message) {
    this(message, null);
  }

  /** Makes an exception with the exception that led to it. */
  public InputException(String message, @Nullable Throwable cause) {
    super(oneLine(message), cause);
  }

  /**
   * Returns the exception {@code where: expected …, found …}.
   *
   * @param where file, or file and place in it, or key
   * @param expected what would have been right
   * @param found what is there
   */
  public static InputException expected(Object where, String expected, Object found) {
    return new InputException(where + ": expected " + expected + ", found " + found);
  }

  /** Returns the exception for a file that can't be read. */
  public static InputException reading(Path file, IOException cause) {
    return new InputException(file + ": can't be read: " + reason(cause), cause);
  }

  /** Returns the exception for a file that can't be written. */
  public static InputException writing(Path file, IOException cause) {
    return new InputException(file + ": can't be written: " + reason(cause), cause);
  }

  /** Returns the exception for a failure of the file system that nobody had foreseen. */
  public static InputException of(IOException cause) {
    String file = cause instanceof FileSystemException f ? f.getFile() : null;
    return new InputException(
        (file == null ? "" : file + ": ") + "can't be read or written: " + reason(cause), cause);
  }

  /** Returns the exception for a text that names no file here. */
  public static InputException of(InvalidPathException cause) {
    return new InputException(
        "'"
            + cause.getInput()
            + "': expected the name of a file, found "
            + (cause.getInput().indexOf(0) >= 0
                ? "a zero character"
                : "letters that file names can't have in this locale (LC_ALL=C.UTF-8 has all)"),
        cause);
  }

  private static String reason(IOException e) {
    // The messages of these are the file's name alone.
    return switch (e) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it exists already";
      case NotDirectoryException _ -> "it is no folder";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      case EOFException _ -> "it ends too early";
      default -> {
        String message = e.getMessage();
        yield message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
      }
    };
  }

  private static String oneLine(String message) {
    String cut = message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message;
    return cut.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "?");
  }
}
