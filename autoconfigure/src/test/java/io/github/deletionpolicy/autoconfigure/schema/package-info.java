/**
 * Tests of the initialiser of the ledger's tables.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.schema;

import org.jspecify.annotations.NullMarked;
