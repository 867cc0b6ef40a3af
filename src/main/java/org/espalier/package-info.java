/**
 * Trains neural networks with targeted dropout, prunes them, and runs what is left through sparse
 * kernels. Here lies only what every room may throw: {@link org.espalier.InputException}. It
 * imports nothing of the project.
 */
package org.espalier;
