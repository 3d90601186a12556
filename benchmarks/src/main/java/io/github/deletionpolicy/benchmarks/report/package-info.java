/**
 * Writes down what was measured.
 */
@NullMarked
package io.github.deletionpolicy.benchmarks.report;

import org.jspecify.annotations.NullMarked;
