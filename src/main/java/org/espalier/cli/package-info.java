/** The commands: the only place that prints or exits. May import everything but {@code boot}. */
@Internal
package org.espalier.cli;

import org.espalier.Internal;
