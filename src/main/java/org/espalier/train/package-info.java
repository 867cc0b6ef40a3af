/**
 * The training loop: {@link org.espalier.train.Trainer}, optimiser, schedules, loss, evaluation,
 * checkpoints of a run. May import {@code data}, {@code io}, {@code sparsify}, {@code op} and what
 * lies below.
 */
package org.espalier.train;
