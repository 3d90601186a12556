/**
 * Measures deletes and purges side by side with raw SQL and with schedulers, on one
 * PostgreSQL and in one run. Started from the command line, never part of a test.
 */
@NullMarked
package io.github.deletionpolicy.benchmarks;

import org.jspecify.annotations.NullMarked;
