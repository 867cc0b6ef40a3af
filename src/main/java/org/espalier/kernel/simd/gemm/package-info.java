/** Matrix products on the Vector API: tiles in registers, and products with one row. */
package org.espalier.kernel.simd.gemm;
