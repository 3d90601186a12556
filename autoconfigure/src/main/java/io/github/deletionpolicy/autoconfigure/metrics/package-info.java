/**
 * Meters and observations of deletes, restores and purges; their names are part of the
 * API.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
