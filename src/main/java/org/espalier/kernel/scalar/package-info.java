/**
 * The specification of every kernel: plain Java, written to be read, never unrolled. What it gives
 * is what every other implementation must give, bit for bit.
 */
@Internal
package org.espalier.kernel.scalar;

import org.espalier.Internal;
