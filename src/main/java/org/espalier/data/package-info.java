/**
 * Labelled examples: {@link org.espalier.data.Dataset}, the embedded part of Fashion-MNIST, IDX
 * files, CIFAR's binary files, image files and CSV files, and {@link org.espalier.data.Batches},
 * which shuffles from the seed, varies images by {@link org.espalier.data.Augmentation} and
 * prepares the next batch in the background. May import {@code io} (digests), {@code model}
 * (preprocessing), {@code kernel} (random numbers) and {@code tensor}.
 */
package org.espalier.data;
