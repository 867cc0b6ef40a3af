/**
 * What each family of kernels computes: interfaces with shapes, layouts, order of summation and
 * what is done with NaN and ties. {@code scalar} and {@code simd} implement them with the same
 * bits. May import {@code sparse} and {@code tensor}.
 *
 * <p><em>−0 stands for nothing.</em> {@code s + −0} is s for every s, be it −0 itself: so −0 is
 * added where there is no bias. {@code fma(−0, x, s)} is s for every finite x, but may make +0 of a
 * sum of −0, as adding a bias does, which is never −0: so sparse formats are padded with −0.
 * Padding that meets an infinity or NaN would make NaN of a sum that has no part in it. Then the
 * specification computes the product, since it skips what is padded: that is slow, but such a
 * network is broken.
 */
@Internal
package org.espalier.kernel.contract;

import org.espalier.Internal;
