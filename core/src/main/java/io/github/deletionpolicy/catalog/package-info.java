/**
 * What PostgreSQL says of a table (name, key, columns, foreign keys), and SQL built from
 * it.
 */
@NullMarked
package io.github.deletionpolicy.catalog;

import org.jspecify.annotations.NullMarked;
