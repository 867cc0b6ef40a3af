/**
 * Speed: an {@link org.espalier.experiment.bench.InterleavedBenchmark} sends the same requests to
 * several engines in turn, {@link org.espalier.experiment.bench.TrainingSpeed} takes a training
 * step apart.
 */
package org.espalier.experiment.bench;
