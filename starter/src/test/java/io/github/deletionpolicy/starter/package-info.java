/**
 * Builds an application outside this build that knows nothing but the starter.
 */
@NullMarked
package io.github.deletionpolicy.starter;

import org.jspecify.annotations.NullMarked;
