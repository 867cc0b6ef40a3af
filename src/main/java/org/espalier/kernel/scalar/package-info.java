/**
 * The specification of every kernel: plain Java, written to be read, never unrolled. What it gives
 * is what every other implementation must give, bit for bit.
 */
package org.espalier.kernel.scalar;
