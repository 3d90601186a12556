/**
 * Tells listeners what was done, after the commit.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.event;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
