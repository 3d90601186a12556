/**
 * Removes due rows for good: claim, lock, delete, settle.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.purge;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
