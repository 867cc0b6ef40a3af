/**
 * Recipes: what is trained, how and on what, read from YAML. Unknown keys are errors; every key has
 * a default, which stands in {@code defaults.yaml}.
 */
package org.espalier.experiment.recipe;
