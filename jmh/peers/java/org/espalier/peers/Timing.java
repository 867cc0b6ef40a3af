package org.espalier.peers;

import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * What one run of one contest gave.
 *
 * @param other who the peer is, version included
 * @param ours our kernels
 * @param oursNanos median time of a call
 * @param theirsNanos median time of a call
 * @param oursBestNanos shortest time of a call
 * @param theirsBestNanos shortest time of a call
 * @param speedup how many times as fast ours is: quartiles of the rounds
 * @param rounds how many rounds
 * @param load the system's load average at the end: above the threads of the contest, others
 *     disturbed it
 */
record Timing(
    String other,
    String ours,
    double oursNanos,
    double theirsNanos,
    double oursBestNanos,
    double theirsBestNanos,
    double[] speedup,
    int rounds,
    double load) {
  static Timing of(Duel duel, String other, String ours) {
    return new Timing(
        other,
        ours,
        Duel.median(duel.ours()),
        Duel.median(duel.theirs()),
        Arrays.stream(duel.ours()).min().orElseThrow(),
        Arrays.stream(duel.theirs()).min().orElseThrow(),
        duel.speedup(),
        duel.ours().length,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }
}
