/**
 * Trains neural networks with targeted dropout, prunes them, and runs what is left through sparse
 * kernels. Here lies only what every room may use: {@link org.espalier.InputException}, which any
 * of them throws, and {@link org.espalier.Internal}, which marks what is no part of the API. It
 * imports nothing of the project.
 */
package org.espalier;
