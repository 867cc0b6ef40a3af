/**
 * The kernels held against their specification. {@code <family>Cases} draws operands for every
 * kernel of a family; {@link org.espalier.doctor.selftest.SelfTest} compares what the two
 * implementations make of them. The doctor runs a few hundred rounds where the program runs, the
 * tests thousands, at every length and width. May import {@code kernel} and what lies below.
 */
@Internal
package org.espalier.doctor.selftest;

import org.espalier.Internal;
