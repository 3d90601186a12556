/**
 * Tests of this room.
 */
@NullMarked
package io.github.deletionpolicy.ledger;

import org.jspecify.annotations.NullMarked;
