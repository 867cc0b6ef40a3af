package org.espalier.experiment.bench;

import java.util.Locale;

/** There is no room for what was to be measured; the message says for what, in one line. */
public final class DoesNotFitException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DoesNotFitException(int batch, int engines, Throwable cause) {
    super(
        String.format(
            Locale.ROOT,
            "%,d examples don't fit into the heap of %,d MiB for %d engines at once; -Xmx makes it"
                + " larger",
            batch,
            Runtime.getRuntime().maxMemory() >> 20,
            engines),
        cause);
  }
}
