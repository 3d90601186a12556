/**
 * Tests of this room.
 */
@NullMarked
package io.github.deletionpolicy.purge.batch;

import org.jspecify.annotations.NullMarked;
