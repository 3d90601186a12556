/**
 * Deletes that run after the commit, batch by batch.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.async;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
