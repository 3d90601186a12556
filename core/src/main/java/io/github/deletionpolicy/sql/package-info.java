/**
 * Statements as text with their values, instants of the database, and savepoints.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.sql;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
