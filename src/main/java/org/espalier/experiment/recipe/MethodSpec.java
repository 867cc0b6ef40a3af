package org.espalier.experiment.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.math.BigDecimal;
import java.util.List;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.op.Clock;
import org.espalier.op.Span;
import org.espalier.op.Sparsifier;
import org.espalier.sparsify.DropConnect;
import org.espalier.sparsify.DropScope;
import org.espalier.sparsify.Dropout;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.L1;
import org.espalier.sparsify.LayerPattern;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.RandomMask;
import org.espalier.sparsify.Target;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;

/** The method of a recipe: what is done to the weights while training. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(MethodSpec.None.class),
  @JsonSubTypes.Type(MethodSpec.Dropping.class),
  @JsonSubTypes.Type(MethodSpec.DroppingWeights.class),
  @JsonSubTypes.Type(MethodSpec.Penalised.class),
  @JsonSubTypes.Type(MethodSpec.RandomlyMasked.class),
  @JsonSubTypes.Type(MethodSpec.Targeted.class)
})
public sealed interface MethodSpec {
  /** Returns the method, made for a network. */
  Sparsifier sparsifier(Graph graph);

  /** Returns whether the method is still growing to what it shall be. */
  default boolean isRamping(Clock clock) {
    return false;
  }

  private static Fraction share(String key, BigDecimal value) {
    try {
      return new Fraction(value);
    } catch (IllegalArgumentException e) {
      throw new InputException("method." + key + ": " + e.getMessage(), e);
    }
  }

  /** Ordinary training. */
  @JsonTypeName("none")
  record None() implements MethodSpec {
    @Override
    public Sparsifier sparsifier(Graph graph) {
      return Sparsifier.NONE;
    }
  }

  /**
   * Dropout.
   *
   * @param rate see {@link Dropout}
   * @param layers see {@link LayerPattern}
   */
  @JsonTypeName("dropout")
  record Dropping(double rate, List<String> layers) implements MethodSpec {
    @Override
    public Sparsifier sparsifier(Graph graph) {
      return new Dropout(rate, new LayerPattern(layers).select(graph));
    }
  }

  /**
   * DropConnect.
   *
   * @param rate see {@link DropConnect}
   * @param layers see {@link LayerPattern}
   */
  @JsonTypeName("dropconnect")
  record DroppingWeights(double rate, List<String> layers) implements MethodSpec {
    @Override
    public Sparsifier sparsifier(Graph graph) {
      return new DropConnect(rate, new LayerPattern(layers).select(graph));
    }
  }

  /**
   * L1 penalty.
   *
   * @param beta see {@link L1}
   * @param layers see {@link LayerPattern}
   */
  @JsonTypeName("l1")
  record Penalised(double beta, List<String> layers) implements MethodSpec {
    @Override
    public Sparsifier sparsifier(Graph graph) {
      return new L1(beta, new LayerPattern(layers).select(graph));
    }
  }

  /**
   * A random mask from the start.
   *
   * @param share see {@link RandomMask}
   * @param layers see {@link LayerPattern}
   */
  @JsonTypeName("random-mask")
  record RandomlyMasked(BigDecimal share, List<String> layers) implements MethodSpec {
    @Override
    public Sparsifier sparsifier(Graph graph) {
      return new RandomMask(
          MethodSpec.share("share", share), new LayerPattern(layers).select(graph));
    }
  }

  /**
   * Targeted dropout.
   *
   * @param by what is ranked and dropped
   * @param targRate γ
   * @param dropRate α
   * @param keep if above 0, how many are never candidates, in place of γ
   * @param ramp over what span both rates grow
   * @param mode what a dropped unit emits
   * @param draw whether a targeted unit is dropped as a whole or by each of its weights
   * @param layers see {@link LayerPattern}
   */
  @JsonTypeName("targeted-dropout")
  record Targeted(
      Granularity by,
      BigDecimal targRate,
      double dropRate,
      int keep,
      String ramp,
      UnitMode mode,
      DropScope draw,
      List<String> layers)
      implements MethodSpec {
    @Override
    public boolean isRamping(Clock clock) {
      return Span.parse(ramp).passed(clock) < 1;
    }

    @Override
    public Sparsifier sparsifier(Graph graph) {
      Target target =
          keep > 0 ? new Target.AllBut(keep) : new Target.Proportion(share("targRate", targRate));
      return new TargetedDropout(
          by,
          target,
          dropRate,
          draw,
          new Ramp(Span.parse(ramp)),
          mode,
          new LayerPattern(layers).select(graph));
    }
  }
}
