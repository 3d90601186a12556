/**
 * Tests of this room.
 */
@NullMarked
package io.github.deletionpolicy.rows;

import org.jspecify.annotations.NullMarked;
