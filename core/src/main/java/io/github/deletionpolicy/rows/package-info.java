/**
 * Says which rows are meant: criteria, ids, keys, and ranges of keys.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.rows;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
