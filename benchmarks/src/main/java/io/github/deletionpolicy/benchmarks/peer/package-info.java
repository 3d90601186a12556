/**
 * Other ways to remove a row later: one job or task of a scheduler for each.
 */
@NullMarked
package io.github.deletionpolicy.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
