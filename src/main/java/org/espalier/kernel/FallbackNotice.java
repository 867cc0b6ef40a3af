package org.espalier.kernel;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Says once, when {@link Kernels} is first used, that the scalar kernels run though nobody asked
 * for them: a warning of the logger {@code org.espalier.kernel}, unless a program says it itself.
 */
public final class FallbackNotice {
  private static final AtomicReference<Consumer<String>> LISTENER =
      new AtomicReference<>(FallbackNotice::log);

  private FallbackNotice() {}

  /** Sets who says it from now on; the text is one line. */
  public static void to(Consumer<String> listener) {
    LISTENER.set(listener);
  }

  static void say(KernelChoice choice) {
    LISTENER
        .get()
        .accept(
            "the scalar kernels run, which give the same results many times slower: "
                + choice.reason());
  }

  private static void log(String text) {
    System.getLogger("org.espalier.kernel").log(System.Logger.Level.WARNING, text);
  }
}
