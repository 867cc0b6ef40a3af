/**
 * One training by a recipe: {@link org.espalier.experiment.run.TrainingRun} with its log and its
 * checkpoints, and the accuracy of what comes of it.
 */
package org.espalier.experiment.run;
