/**
 * Carries out deletes: stamps or removes rows, and says beforehand what that would do.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.delete;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
