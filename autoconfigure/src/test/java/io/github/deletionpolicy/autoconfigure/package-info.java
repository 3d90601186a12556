/**
 * Tests of the wiring.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure;

import org.jspecify.annotations.NullMarked;
