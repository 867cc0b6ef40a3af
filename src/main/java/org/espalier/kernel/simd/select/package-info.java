/** The smallest magnitudes of a row on the Vector API. */
package org.espalier.kernel.simd.select;
