/**
 * Answers what is pending and why, and acts on it for an operator.
 */
@NullMarked
package io.github.deletionpolicy.operator;

import org.jspecify.annotations.NullMarked;
