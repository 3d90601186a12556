/**
 * What PostgreSQL says of tables: columns, keys, live views, and the tables that a delete
 * cascades to.
 */
@NullMarked
package io.github.deletionpolicy.catalog;

import org.jspecify.annotations.NullMarked;
