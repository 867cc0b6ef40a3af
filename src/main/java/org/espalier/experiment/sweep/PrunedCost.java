package org.espalier.experiment.sweep;

import java.math.BigDecimal;
import java.util.OptionalDouble;

/**
 * A network pruned at one percentage, and what it costs.
 *
 * @param percent how much of each unit (or layer) was pruned
 * @param zeros share of zeros among all parameters, removed ones counted
 * @param accuracy share of the test examples that are right, if they were asked for
 * @param cost its bytes and times
 */
public record PrunedCost(BigDecimal percent, double zeros, OptionalDouble accuracy, Cost cost) {}
