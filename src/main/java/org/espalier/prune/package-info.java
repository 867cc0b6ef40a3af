/**
 * What happens to weights after training: {@link org.espalier.prune.Pruning} sets the weakest
 * weights or units to zero, {@link org.espalier.prune.UnitRemoval} takes emptied units and channels
 * out of the graph for real, through normalisations, residual sums, pooling and flattening. May
 * import {@code sparsify} (granularity, shares), {@code model} and what lies below.
 */
package org.espalier.prune;
