/**
 * How time is measured: {@link org.espalier.experiment.timing.PairedTiming} warms up until the
 * compilers rest, lets the sides take turns, and says what makes a figure doubtful. Whatever is
 * timed in this program is timed here.
 */
package org.espalier.experiment.timing;
