/**
 * Every operator of the model as plain loops over the row-major values of one example: the
 * specification of the operators that come with imported networks, what plans run where there is no
 * kernel, and what constants are folded with. {@link org.espalier.reference.ReferenceKernel} is one
 * operator, {@link org.espalier.reference.ReferenceEvaluator} a whole graph. Sums follow {@code
 * src/docs/numerics.md}; what that page leaves open is said at each operator. May import {@code
 * model}, {@code tensor} and the scalar kernels.
 */
@Internal
package org.espalier.reference;

import org.espalier.Internal;
