package org.espalier.peers;

import java.util.function.Supplier;

/**
 * One row of the table.
 *
 * @param name by which it is chosen
 * @param job what is done
 * @param peer who else does it
 * @param threads of both
 * @param flops floating-point operations of one call, or 0 where they are not what counts
 * @param mark what the ratio is measured by
 * @param setUp makes the data, runs both once and compares
 */
record Benchmark(
    String name,
    String job,
    String peer,
    int threads,
    double flops,
    Mark mark,
    Supplier<Pairing> setUp) {}
