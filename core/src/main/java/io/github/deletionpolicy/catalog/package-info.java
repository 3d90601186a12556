/**
 * What PostgreSQL says of a table (name, key, columns, foreign keys), and SQL built from
 * it.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.catalog;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
