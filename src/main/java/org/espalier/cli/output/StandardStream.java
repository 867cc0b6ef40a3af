package org.espalier.cli.output;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;

/**
 * Standard output or the error stream. What prints on it swallows exceptions, so the first one is
 * kept here: a command whose result was lost has failed.
 */
public final class StandardStream extends OutputStream {
  private final OutputStream to;
  private final Charset charset;
  private final boolean pipe;
  private @Nullable IOException failure;

  /**
   * Wraps a stream.
   *
   * @param charset of what is printed; ASCII, which a container says for want of a locale and
   *     nobody means, stands for UTF-8
   * @param pipe whether somebody reads at the other end, who may stop at any time
   */
  StandardStream(OutputStream to, Charset charset, boolean pipe) {
    this.to = to;
    this.charset = charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
    this.pipe = pipe;
  }

  /** Opens standard output. */
  public static StandardStream out() {
    return new StandardStream(
        new FileOutputStream(FileDescriptor.out), System.out.charset(), isPipe(1));
  }

  /** Opens the error stream. */
  public static StandardStream err() {
    return new StandardStream(
        new FileOutputStream(FileDescriptor.err), System.err.charset(), isPipe(2));
  }

  /** Where the system doesn't tell, a stream counts as a pipe only by the words of its failure. */
  private static boolean isPipe(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Returns what prints on this stream, in letters that its charset has. */
  public PrintWriter writer() {
    return new PrintWriter(new PlainWriter(new OutputStreamWriter(this, charset), charset), true);
  }

  /** Returns the same for what others print. */
  public PrintStream printStream() {
    return new PrintStream(this, true, charset);
  }

  /**
   * Checks that everything was written. A pipe that was closed by who read from it, such as {@code
   * head}, is no failure.
   *
   * @throws InputException if something was not
   */
  public synchronized void check() {
    if (failure != null && !pipe && !String.valueOf(failure.getMessage()).contains("roken pipe")) {
      throw InputException.writing(Path.of("standard output"), failure);
    }
  }

  @Override
  public synchronized void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] b, int from, int count) throws IOException {
    try {
      to.write(b, from, count);
    } catch (IOException e) {
      failure = failure == null ? e : failure;
      throw e;
    }
  }
}
