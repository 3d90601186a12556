/**
 * What is measured: one class for each question. Uses everything else here but the
 * reports.
 */
@NullMarked
package io.github.deletionpolicy.benchmarks.scenario;

import org.jspecify.annotations.NullMarked;
