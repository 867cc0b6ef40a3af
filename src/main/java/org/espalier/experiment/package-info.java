/**
 * From a recipe to results: {@link org.espalier.experiment.TrainingRun} trains, {@link
 * org.espalier.experiment.PruneSweep} prunes at a list of percentages and evaluates, {@link
 * org.espalier.experiment.Trial} measures plans and other programs, and whatever is timed here is
 * timed by {@link org.espalier.experiment.Turns}; {@link org.espalier.experiment.Demo} puts them
 * together. Prints nothing. May import everything below {@code report}.
 */
package org.espalier.experiment;
