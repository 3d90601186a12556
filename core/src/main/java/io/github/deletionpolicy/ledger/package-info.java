/**
 * Operations and chunks, the record that purges rest on: the one owner of those tables'
 * SQL.
 */
@NullMarked
package io.github.deletionpolicy.ledger;

import org.jspecify.annotations.NullMarked;
