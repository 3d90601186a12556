/**
 * Purges rows that cascade to others: whole, or not at all.
 */
@NullMarked
package io.github.deletionpolicy.purge.tree;

import org.jspecify.annotations.NullMarked;
