/**
 * What people read: {@link org.espalier.report.Table}, the self-contained {@link
 * org.espalier.report.HtmlReport} with its charts, and the {@link org.espalier.report.Manifest} of
 * a run. It takes numbers and gives text; it knows nothing of how they came about. May import
 * {@code experiment} and the rooms below it; today it only asks {@code kernel} which kernels run.
 */
@Internal
package org.espalier.report;

import org.espalier.Internal;
