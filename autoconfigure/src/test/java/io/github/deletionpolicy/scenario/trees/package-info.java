/**
 * Rows with rows that belong to them: deleted, purged and adopted as a whole.
 */
@NullMarked
package io.github.deletionpolicy.scenario.trees;

import org.jspecify.annotations.NullMarked;
