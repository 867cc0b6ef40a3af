package org.espalier.experiment;

import java.math.BigDecimal;
import org.espalier.model.Graph;

/**
 * A network pruned at one percentage.
 *
 * @param percent how much of each unit (or layer) was pruned
 * @param graph the network, emptied units removed
 * @param layerSparsity share of zeros among the weights of the pruned layers, removed ones counted
 * @param overallSparsity share of zeros among all parameters, removed ones counted
 * @param accuracy share of the test examples that are right
 */
public record Pruned(
    BigDecimal percent,
    Graph graph,
    double layerSparsity,
    double overallSparsity,
    double accuracy) {}
