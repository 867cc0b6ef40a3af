/**
 * What happens to weights after training: {@link org.espalier.prune.Pruning} sets the weakest
 * weights or units to zero; {@link org.espalier.prune.Calibration} looks at examples, to rank
 * weights by them and to restore what units gave before; package {@code rewrite} takes emptied
 * units out of the graph for real. May import {@code sparsify} (granularity, shares), {@code infer}
 * (to run examples), {@code model} and what lies below.
 */
package org.espalier.prune;
