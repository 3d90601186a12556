/**
 * What users of the library touch: policies, deletes, restores, pending purges and what
 * goes wrong with them; no SQL lives here.
 */
@NullMarked
package io.github.deletionpolicy;

import org.jspecify.annotations.NullMarked;
