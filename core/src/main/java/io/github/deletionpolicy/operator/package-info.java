/**
 * Answers what is pending and why, and acts on it for an operator.
 */
@NullMarked
@Internal
package io.github.deletionpolicy.operator;

import io.github.deletionpolicy.Internal;
import org.jspecify.annotations.NullMarked;
