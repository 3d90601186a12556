/**
 * The Actuator endpoint {@code pendingpurges}; the names of what it answers are part of
 * the API.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.endpoint;

import org.jspecify.annotations.NullMarked;
