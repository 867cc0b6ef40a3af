package org.espalier.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The mask by {@code std::nth_element}, compiled for this machine. */
@SuppressWarnings("restricted") // calling native code is what this is for
final class NthElement {
  private static final Path SOURCE = Path.of("jmh/peers/cpp/nth_element.cpp");
  private static final String OPTIONS = "-O3 -march=native";

  private final MethodHandle keepMask;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment copy;
  private final MemorySegment keep;
  private final int n;
  private final int k;

  /**
   * Compiles it.
   *
   * @throws IllegalStateException if there is no compiler
   */
  NthElement(int n, int k) {
    this.n = n;
    this.k = k;
    copy = floats(n);
    keep = arena.allocate(ValueLayout.JAVA_LONG, Math.ceilDiv(n, Long.SIZE));
    Path file = compile();
    SymbolLookup library = SymbolLookup.libraryLookup(file, arena);
    file.toFile().delete(); // it is loaded
    keepMask =
        Linker.nativeLinker()
            .downcallHandle(
                library.find("keep_mask").orElseThrow(),
                FunctionDescriptor.ofVoid(
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.ADDRESS));
  }

  private static Path compile() {
    try {
      Path library = Files.createTempFile("peers", ".so");
      String command = "g++ " + OPTIONS + " -shared -fPIC -o " + library + " " + SOURCE;
      Process compiler = new ProcessBuilder(command.split(" ")).inheritIO().start();
      if (compiler.waitFor() != 0) {
        throw new IllegalStateException(command + " failed");
      }
      return library;
    } catch (IOException e) {
      throw new IllegalStateException("g++ is missing: install it to compare with nth_element", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the compiler and its options. */
  static String description() {
    try {
      Process version = new ProcessBuilder("g++", "-dumpfullversion").start();
      return "std::nth_element, g++ "
          + new String(version.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip()
          + " "
          + OPTIONS;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private MemorySegment floats(int count) {
    return arena.allocate(Float.BYTES * (long) count, 64);
  }

  /** Returns a copy that {@link #run} can read. */
  MemorySegment copyOf(float[] x) {
    MemorySegment segment = floats(n);
    MemorySegment.copy(x, 0, segment, ValueLayout.JAVA_FLOAT, 0, n);
    return segment;
  }

  void run(MemorySegment x) {
    try {
      keepMask.invokeExact(x, copy, (long) n, (long) k, keep);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the bits that the last run left. */
  long[] result() {
    return keep.toArray(ValueLayout.JAVA_LONG);
  }
}
