/**
 * Removes due rows for good: claim, lock, delete, settle.
 */
@NullMarked
package io.github.deletionpolicy.purge;

import org.jspecify.annotations.NullMarked;
