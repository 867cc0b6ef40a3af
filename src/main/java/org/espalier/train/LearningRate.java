package org.espalier.train;

import java.util.List;
import org.espalier.op.Clock;
import org.espalier.op.Span;

/**
 * The learning rate over training.
 *
 * @param base the rate after the warm-up
 * @param warmUp over this span the rate rises linearly from 0 to what the decay gives
 * @param decay how it falls
 */
public record LearningRate(double base, Span warmUp, Decay decay) {
  /** Checks the rate. */
  public LearningRate {
    if (!(base > 0) || Double.isInfinite(base)) {
      throw new IllegalArgumentException("the learning rate is a number above 0, not " + base);
    }
  }

  /** How a learning rate falls, as a factor of its base. */
  public sealed interface Decay {
    /** Returns the factor now. */
    double factor(Clock clock);
  }

  /** It stays. */
  public record Constant() implements Decay {
    @Override
    public double factor(Clock clock) {
      return 1;
    }
  }

  /**
   * Half a cosine, from 1 at the start to 0 at the end of training (Loshchilov and Hutter 2017).
   */
  public record Cosine() implements Decay {
    @Override
    public double factor(Clock clock) {
      double t = Math.min(1, (double) clock.step() / Math.max(1, clock.totalSteps()));
      return 0.5 * (1 + cosineOfHalfTurns(t));
    }

    /** Returns cos(πt) for t in [0, 1]. StrictMath's cosine allocates at every call. */
    private static double cosineOfHalfTurns(double t) {
      double angle = Math.PI * Math.min(t, 1 - t); // up to π/2
      double cosine = angle <= Math.PI / 4 ? series(angle, 0) : series(Math.PI / 2 - angle, 1);
      return t <= 0.5 ? cosine : -cosine;
    }

    /**
     * Returns the series of cos(x) (first = 0) or sin(x) (first = 1) for x in [0, π/4]; what is
     * left out behind the tenth term is below 1e-20.
     */
    private static double series(double x, int first) {
      double term = first == 0 ? 1 : x;
      double sum = term;
      for (int n = first + 1; n < first + 20; n += 2) {
        term *= -x * x / (n * (n + 1));
        sum += term;
      }
      return sum;
    }
  }

  /**
   * It is multiplied at certain points.
   *
   * @param at the points
   * @param by what it is multiplied with at each
   */
  public record Steps(List<Span> at, double by) implements Decay {
    /** Copies the list. */
    public Steps {
      at = List.copyOf(at);
    }

    @Override
    public double factor(Clock clock) {
      double factor = 1;
      for (int i = 0; i < at.size(); i++) {
        if (clock.step() >= at.get(i).steps(clock)) {
          factor *= by;
        }
      }
      return factor;
    }
  }

  /** Returns the rate of the step that comes next. */
  public float now(Clock clock) {
    double warm = warmUp.steps(clock);
    double share = clock.step() + 1 >= warm ? 1 : (clock.step() + 1) / warm;
    return (float) (base * share * decay.factor(clock));
  }
}
