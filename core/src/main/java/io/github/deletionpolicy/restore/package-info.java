/**
 * Makes deleted rows live again.
 */
@NullMarked
package io.github.deletionpolicy.restore;

import org.jspecify.annotations.NullMarked;
