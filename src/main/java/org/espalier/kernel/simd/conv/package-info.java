/**
 * Convolutions, pooling, normalisation and changes of layout on the Vector API: sixteen images lie
 * in the lanes.
 */
package org.espalier.kernel.simd.conv;
