/**
 * Tests of what is read as a policy, and of what is refused.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.policy;

import org.jspecify.annotations.NullMarked;
