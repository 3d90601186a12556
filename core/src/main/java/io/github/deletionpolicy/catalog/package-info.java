/**
 * What PostgreSQL says of tables: columns, keys, live views, and the tables that a delete
 * cascades to.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.catalog;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
