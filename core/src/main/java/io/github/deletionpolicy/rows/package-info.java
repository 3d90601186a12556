/**
 * Says which rows are meant: criteria, ids, keys, and ranges of keys.
 */
@NullMarked
package io.github.deletionpolicy.rows;

import org.jspecify.annotations.NullMarked;
