package org.espalier.experiment.sweep;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.sparsify.Granularity;

/**
 * A network pruned at one percentage.
 *
 * @param percent how much of each unit (or layer) was pruned
 * @param masked the network with 0 for what was pruned, of the size that it had
 * @param graph the network, emptied units removed
 * @param layerSparsity share of zeros among the weights of the pruned layers, removed ones counted
 * @param overallSparsity share of zeros among all parameters, removed ones counted
 * @param accuracy share of the test examples that are right
 */
public record Pruned(
    BigDecimal percent,
    Graph masked,
    Graph graph,
    double layerSparsity,
    double overallSparsity,
    double accuracy) {
  /**
   * Returns the network as a model that says what was done to it.
   *
   * @param trained the model that was pruned
   * @param by what was ranked and pruned
   */
  public Model toModel(Model trained, Granularity by) {
    Map<String, String> provenance = new LinkedHashMap<>(trained.provenance());
    provenance.put("prunedPercent", percent.toPlainString());
    provenance.put("prunedBy", by.toString());
    provenance.put("accuracy", Double.toString(accuracy));
    return new Model(graph, trained.preprocessing(), trained.classes(), provenance);
  }
}
