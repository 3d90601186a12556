/**
 * Makes deleted rows live again.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.restore;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
