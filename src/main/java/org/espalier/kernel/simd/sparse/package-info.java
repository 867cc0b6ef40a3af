/** Products with sparse matrices on the Vector API, a class for each format and job. */
@Internal
package org.espalier.kernel.simd.sparse;

import org.espalier.Internal;
