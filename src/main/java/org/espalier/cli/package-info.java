/** The commands: the only place that prints or exits. May import everything but {@code boot}. */
package org.espalier.cli;
