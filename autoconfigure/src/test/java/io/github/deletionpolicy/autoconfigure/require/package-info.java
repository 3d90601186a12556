/**
 * Tests of which parts are taken, and of what is said where one is missing.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.require;

import org.jspecify.annotations.NullMarked;
