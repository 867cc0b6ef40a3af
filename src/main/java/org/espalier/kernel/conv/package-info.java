/**
 * Convolutions: {@link org.espalier.kernel.conv.Convolution} cuts feature maps into tiles, knows
 * what padding leaves at the borders, splits the work over threads and hands tiles to the {@link
 * org.espalier.kernel.contract.ConvKernels}.
 */
@Internal
package org.espalier.kernel.conv;

import org.espalier.Internal;
