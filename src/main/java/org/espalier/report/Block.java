package org.espalier.report;

/** A part of a report's section. */
public sealed interface Block permits Chart, Histogram, Paragraph, Table {}
