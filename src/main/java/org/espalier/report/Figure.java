package org.espalier.report;

/**
 * One number that says most, shown large at the top of a report.
 *
 * @param value number and unit, for instance {@code 11.3×}
 * @param label what it is, for instance {@code smaller file}
 * @param note under which conditions, for instance {@code at 95 % pruned, 89.1 % accurate}
 */
record Figure(String value, String label, String note) {}
