/**
 * Builds what one database needs, once.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.engine;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
