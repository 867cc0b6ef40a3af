/** The smallest magnitudes of a row on the Vector API. */
@Internal
package org.espalier.kernel.simd.select;

import org.espalier.Internal;
