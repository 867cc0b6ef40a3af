/**
 * Labelled images: {@link org.espalier.data.Dataset}, the embedded part of Fashion-MNIST, IDX files
 * and image files, and {@link org.espalier.data.Batches}, which shuffles from the seed and prepares
 * the next batch in the background. May import {@code io} (digests), {@code model} (preprocessing),
 * {@code kernel} (random numbers) and {@code tensor}.
 */
package org.espalier.data;
