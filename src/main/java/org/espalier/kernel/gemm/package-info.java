/**
 * Products of dense matrices: {@link org.espalier.kernel.gemm.Gemm} cuts them into blocks that fit
 * the caches, packs panels, splits them over threads and hands tiles to the {@link
 * org.espalier.kernel.contract.GemmKernels}.
 */
@Internal
package org.espalier.kernel.gemm;

import org.espalier.Internal;
