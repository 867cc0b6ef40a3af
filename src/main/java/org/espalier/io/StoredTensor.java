package org.espalier.io;

import org.espalier.tensor.Shape;

/**
 * How a parameter lies in a model file.
 *
 * @param name the parameter
 * @param shape its shape
 * @param storage {@code dense}, {@code bitmask} or {@code csr}
 * @param nnz stored elements
 * @param bytes bytes of values, indices and masks
 */
public record StoredTensor(String name, Shape shape, String storage, long nnz, long bytes) {}
