package org.espalier.report;

/** A part of a report's section. */
sealed interface Block permits Chart, Histogram, Paragraph, Table {}
