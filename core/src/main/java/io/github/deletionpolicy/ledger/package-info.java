/**
 * The ledger: operations and chunks, how keys are recorded in them, and what writes them
 * when rows are deleted.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.ledger;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
