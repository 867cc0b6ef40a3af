package org.espalier.io;

import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;

/**
 * How a parameter lies in a model file.
 *
 * @param name the parameter
 * @param shape its shape
 * @param storage {@code dense}, {@code bitmask} or {@code csr}
 * @param precision of its elements
 * @param nnz stored elements
 * @param bytes bytes of values, scales, indices and masks
 */
public record StoredTensor(
    String name, Shape shape, String storage, Precision precision, long nnz, long bytes) {}
