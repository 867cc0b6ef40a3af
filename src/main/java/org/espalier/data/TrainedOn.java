package org.espalier.data;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a model was trained on, as the model says. Data without a test part of their own are judged
 * whole if they are other data: all of them are new to the model. Of the training's own only what
 * was held out then is.
 *
 * @param digest the digest of the data, or null if that isn't known
 * @param name the name of the training part, or null
 */
public record TrainedOn(@Nullable String digest, @Nullable String name) {
  /** It isn't known on what. */
  public static final TrainedOn UNKNOWN = new TrainedOn(null, null);

  /**
   * Returns what of some data a model is to be judged by.
   *
   * @param cut the data, cut as training would have cut them
   * @param data their name as a whole
   * @param whole gives them as a whole
   * @param notes receives a line that says what is judged, and why
   */
  public Dataset judged(Split cut, String data, Supplier<Dataset> whole, Consumer<String> notes) {
    boolean same = cut.digest().equals(digest);
    int all = cut.training().size() + cut.heldOut().size();
    if (same || cut.training().name().equals(name)) {
      notes.accept(
          String.format(
              Locale.ROOT,
              "%s: judged by %,d of %,d examples, those that training held out%s",
              data,
              cut.heldOut().size(),
              all,
              same ? "" : " if the data are still the same (their digest isn't)"));
      return cut.heldOut();
    }
    notes.accept(
        String.format(
            Locale.ROOT,
            "%s: judged by all %,d examples, since the model %s",
            data,
            all,
            equals(UNKNOWN) ? "doesn't say what it was trained on" : "was trained on other data"));
    return whole.get();
  }
}
