/**
 * Labelled examples: {@link org.espalier.data.Dataset}, and {@link org.espalier.data.Batches},
 * which shuffles from the seed, varies images by {@link org.espalier.data.Augmentation} and
 * prepares the next batch in the background. What is read from files: {@code csv}, {@code image}
 * and {@code binary}. May import {@code io} (digests), {@code model} (preprocessing), {@code
 * kernel} (random numbers) and {@code tensor}.
 */
package org.espalier.data;
