/** Products with sparse matrices on the Vector API, a class for each format and job. */
package org.espalier.kernel.simd.sparse;
