package org.espalier.io.onnx.read;

/**
 * Which operator or function.
 *
 * @param domain its domain, that of ONNX itself empty
 * @param name its name
 * @param overload which of the functions of that name
 */
record OperatorKey(String domain, String name, String overload) {
  OperatorKey {
    domain = domain(domain);
  }

  /** Returns a domain as it is called here. */
  static String domain(String written) {
    return written.equals("ai.onnx") ? "" : written;
  }

  @Override
  public String toString() {
    return (domain.isEmpty() ? "" : domain + ".")
        + name
        + (overload.isEmpty() ? "" : ":" + overload);
  }
}
