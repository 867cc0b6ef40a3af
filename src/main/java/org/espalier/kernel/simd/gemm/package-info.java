/** Matrix products on the Vector API: tiles in registers, and products with one row. */
@Internal
package org.espalier.kernel.simd.gemm;

import org.espalier.Internal;
