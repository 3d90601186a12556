/**
 * Tells listeners what was done, after the commit.
 */
@NullMarked
package io.github.deletionpolicy.event;

import org.jspecify.annotations.NullMarked;
