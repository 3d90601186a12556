/**
 * Measures deletes and purges side by side with raw SQL on one PostgreSQL.
 */
@NullMarked
package io.github.deletionpolicy.benchmarks;

import org.jspecify.annotations.NullMarked;
