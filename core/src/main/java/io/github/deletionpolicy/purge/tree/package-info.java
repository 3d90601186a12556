/**
 * Purges rows that cascade to others: whole, or not at all.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.purge.tree;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
