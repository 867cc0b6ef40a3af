/**
 * Threads: the {@link org.espalier.parallel.ThreadPool} over whose threads a loop is split. Work is
 * split over independent outputs, so that the number of threads never changes a result. Imports
 * nothing of the project but its exception.
 */
package org.espalier.parallel;
