/**
 * Checks the policies against the database, and says what does not fit and how to fix it.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.doctor;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
