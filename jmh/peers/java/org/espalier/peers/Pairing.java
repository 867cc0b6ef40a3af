package org.espalier.peers;

/**
 * Our job and the other's, the same data before them and their results compared.
 *
 * @param other who the other is, version included
 */
record Pairing(Job ours, Job theirs, String other) {
  /** A failed comparison: nothing is timed then. */
  static IllegalStateException differ(String where, Object ours, Object theirs) {
    return new IllegalStateException(where + " differs: ours " + ours + ", theirs " + theirs);
  }
}
