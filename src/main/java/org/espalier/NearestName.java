package org.espalier;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that was meant when another was written. */
@Internal
public final class NearestName {
  /** Longer names aren't compared: that takes time in proportion to both lengths. */
  private static final int LONGEST = 64;

  private NearestName() {}

  /**
   * Returns the known name that an unknown one is nearest to, by Levenshtein's distance with the
   * letters' case not counted; of several the first. Empty if nothing but unlikeness is left: if
   * more letters would have to be changed than half of the longer name has.
   */
  public static Optional<String> of(String unknown, Collection<String> known) {
    return known.stream()
        .filter(name -> Math.max(name.length(), unknown.length()) <= LONGEST)
        .filter(name -> isNear(name, unknown))
        .min(Comparator.comparingInt(name -> distance(name, unknown)));
  }

  private static boolean isNear(String name, String unknown) {
    return 2 * distance(name, unknown) <= Math.max(name.length(), unknown.length());
  }

  private static int distance(String a, String b) {
    String x = a.toLowerCase(Locale.ROOT);
    String y = b.toLowerCase(Locale.ROOT);
    int[] row = new int[y.length() + 1];
    for (int j = 0; j <= y.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= x.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= y.length(); j++) {
        int above = row[j];
        int change = diagonal + (x.charAt(i - 1) == y.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[y.length()];
  }
}
