/**
 * Tests of this room.
 */
@NullMarked
package io.github.deletionpolicy.purge;

import org.jspecify.annotations.NullMarked;
