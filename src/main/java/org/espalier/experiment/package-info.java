/**
 * From a recipe to results. {@link org.espalier.experiment.Demo}, the main job, puts the rest
 * together:
 *
 * <ul>
 *   <li>{@code recipe}: a YAML file read, checked and filled up with defaults
 *   <li>{@code run}: one training by a recipe, with its log, checkpoints and accuracy
 *   <li>{@code sweep}: accuracy and cost at a list of percentages
 *   <li>{@code bench}: plans, trainings and other programs measured against each other
 *   <li>{@code tune}: the kernels of a model measured on this machine
 *   <li>{@code timing}: how whatever is timed here is timed
 * </ul>
 *
 * <p>Prints nothing. May import everything below {@code report}.
 */
@Internal
package org.espalier.experiment;

import org.espalier.Internal;
