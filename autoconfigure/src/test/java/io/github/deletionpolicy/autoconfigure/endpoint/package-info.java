/**
 * Tests of what the endpoint masks.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.endpoint;

import org.jspecify.annotations.NullMarked;
