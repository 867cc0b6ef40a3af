/**
 * A network pruned at a list of percentages: {@link org.espalier.experiment.sweep.AccuracySweep}
 * evaluates, {@link org.espalier.experiment.sweep.CostSweep} measures file, memory and latency,
 * {@link org.espalier.experiment.sweep.BreakEven} finds from which percentage on sparse kernels
 * win.
 */
package org.espalier.experiment.sweep;
