/**
 * The server, the product on it, and tables in a known state.
 */
@NullMarked
package io.github.deletionpolicy.benchmarks.database;

import org.jspecify.annotations.NullMarked;
