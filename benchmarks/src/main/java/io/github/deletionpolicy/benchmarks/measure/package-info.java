/**
 * Takes times and compares them. Knows no database.
 */
@NullMarked
package io.github.deletionpolicy.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
