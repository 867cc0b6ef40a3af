/**
 * Storage: {@link org.espalier.tensor.Shape}, {@link org.espalier.tensor.Tensor} (padded rows of
 * floats), {@link org.espalier.tensor.BitMask} and the {@link org.espalier.tensor.RandomKey} that
 * names a stream of random numbers. The ground floor: it imports nothing of the project.
 */
package org.espalier.tensor;
