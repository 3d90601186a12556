/**
 * The health of the purge, and the reading of the ledger that all observers share.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
