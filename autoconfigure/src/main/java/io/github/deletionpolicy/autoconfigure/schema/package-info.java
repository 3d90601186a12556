/**
 * Creates the ledger's tables and keeps them up to date, and finds the schema that they
 * are in.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.schema;

import org.jspecify.annotations.NullMarked;
