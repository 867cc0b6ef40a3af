package org.espalier.io.onnx.read;

/**
 * Where in a file something stands, put into words only when something is wrong there.
 *
 * @param above what it is in: a file or a place
 * @param what what it is
 * @param index which of those, or −1 if that is said already
 */
record Place(Object above, String what, int index) {
  Place(Object above, String what) {
    this(above, what, -1);
  }

  @Override
  public String toString() {
    return above + ", " + what + (index < 0 ? "" : " " + index);
  }
}
