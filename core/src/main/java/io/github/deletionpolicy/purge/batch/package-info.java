/**
 * What one transaction of a purge does: enter, claim, delete, settle.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.purge.batch;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
