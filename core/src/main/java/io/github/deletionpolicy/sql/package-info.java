/**
 * Statements as text with their values, instants of the database, and savepoints.
 */
@NullMarked
package io.github.deletionpolicy.sql;

import org.jspecify.annotations.NullMarked;
