/**
 * Examines a machine: the chosen kernels held against their specification ({@link
 * org.espalier.doctor.selftest.SelfTests}), and the limits of its arithmetic and memory ({@link
 * org.espalier.doctor.Roofline}). May import {@code kernel} and what lies below.
 */
@Internal
package org.espalier.doctor;

import org.espalier.Internal;
