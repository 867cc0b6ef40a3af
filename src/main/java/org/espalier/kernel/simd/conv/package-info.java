/**
 * Convolutions, pooling, normalisation and changes of layout on the Vector API: sixteen images lie
 * in the lanes.
 */
@Internal
package org.espalier.kernel.simd.conv;

import org.espalier.Internal;
