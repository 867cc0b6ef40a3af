package org.espalier.io.onnx.read;

import java.util.Comparator;

/**
 * Which operator or function. Comparable for the sake of hash tables, which stay fast so even if a
 * file makes all names fall into one slot.
 *
 * @param domain its domain, that of ONNX itself empty
 * @param name its name
 * @param overload which of the functions of that name
 */
record OperatorKey(String domain, String name, String overload) implements Comparable<OperatorKey> {
  private static final Comparator<OperatorKey> ORDER =
      Comparator.comparing(OperatorKey::name)
          .thenComparing(OperatorKey::domain)
          .thenComparing(OperatorKey::overload);

  OperatorKey {
    domain = domain(domain);
  }

  /** Returns a domain as it is called here. */
  static String domain(String written) {
    return written.equals("ai.onnx") ? "" : written;
  }

  @Override
  public int compareTo(OperatorKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return (domain.isEmpty() ? "" : domain + ".")
        + name
        + (overload.isEmpty() ? "" : ":" + overload);
  }
}
