/**
 * What happens to weights after training: {@link org.espalier.prune.Pruning} sets the weakest
 * weights or units to zero; package {@code rewrite} takes emptied units out of the graph for real.
 * May import {@code sparsify} (granularity, shares), {@code model} and what lies below.
 */
package org.espalier.prune;
