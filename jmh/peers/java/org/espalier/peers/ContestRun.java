package org.espalier.peers;

import java.io.IOException;
import org.espalier.kernel.Kernels;

/** One run of one contest, in a JVM of its own. */
final class ContestRun {
  private ContestRun() {}

  /** Arguments: the file for the result, the contest's name. */
  public static void main(String[] args) throws IOException {
    Contest contest =
        Programme.contests().stream()
            .filter(c -> c.name().equals(args[1]))
            .findFirst()
            .orElseThrow();
    Pairing pairing = contest.setUp().get();
    Duel duel = Duel.fight(pairing.ours(), pairing.theirs(), contest.threads());
    Fork.answer(args[0], Timing.of(duel, pairing.other(), Kernels.choice().toString()));
    // Native libraries may have threads that would keep the JVM alive.
    Runtime.getRuntime().halt(0);
  }
}
